package report
import ("testing";"os";"encoding/json";"github.com/caveat-check/caveat/internal/decision")
func TestScratch(t *testing.T){
 for _, f := range []string{"w","free"} {
 data,_:=os.ReadFile("/tmp/probe/"+f+".json")
 var ds []decision.Decision
 if err:=json.Unmarshal(data,&ds);err!=nil{t.Fatal(err)}
 tab:=&Table{W:os.Stdout,Width:80,Verbose: os.Getenv("V")!="", Color: os.Getenv("C")!=""}
 for _,d:=range ds{ d.Manifest.Path="w.yaml"; for i:=range d.Findings{d.Findings[i].Location.Path="w.yaml"}; tab.Decision(d)}
 tab.Summary(decision.Summary{Pass:1,Fail:1})
 }
}
