package report
import ("testing";"os";"encoding/json";"strings";"github.com/caveat-check/caveat/internal/catalog")
func TestScratchV(t *testing.T){
 data,_:=os.ReadFile("../../fixtures/catalog.json")
 var vs []*catalog.Vendor
 dec:=json.NewDecoder(strings.NewReader(string(data))); dec.UseNumber()
 if err:=dec.Decode(&vs);err!=nil{t.Fatal(err)}
 tab:=&Table{W:os.Stdout,Width:80,Verbose: os.Getenv("V")!="", Color: os.Getenv("C")!=""}
 if n:=os.Getenv("N"); n!="" { for _,v:=range vs{ if v.ID==n { if err:=tab.Vendor(v,"2026-11-23");err!=nil{t.Fatal(err)}}}} else {tab.Vendors(vs)}
}
