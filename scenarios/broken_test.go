package scenarios

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tcpsim/tcpsim/scenarios/model"
)

func TestABrokenCatalogueIsAnErrorThatSaysWhere(t *testing.T) {
	_, err := (&shelf{files: map[string]*model.File{}, fsys: fstest.MapFS{
		"catalogue/good.yaml": {Data: []byte("name: good\ntitle: x\nshows: x\nhosts: {client: {processes: [{steps: [{exit: 0}]}]}}\n")},
		"catalogue/bad.yaml":  {Data: []byte("name: bad\ntitel: x\n")},
	}}).all()
	if err == nil || !strings.HasPrefix(err.Error(), "the catalogue is broken:\nbad.yaml:") {
		t.Errorf("error %v", err)
	}
	if !strings.Contains(err.Error(), `unknown key "titel" in a scenario; did you mean "title"?`) {
		t.Errorf("error %v", err)
	}
}

func TestAFileOfTheCatalogueHasTheNameOfItsScenario(t *testing.T) {
	_, err := (&shelf{files: map[string]*model.File{}, fsys: fstest.MapFS{
		"catalogue/one.yaml": {Data: []byte("name: other\ntitle: x\nshows: x\nhosts: {client: {processes: [{steps: [{exit: 0}]}]}}\n")},
	}}).file("one")
	if want := "the catalogue is broken:\none.yaml holds the scenario other"; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestHeadlinesAreTheTitles(t *testing.T) {
	lines := Headlines()
	if len(lines) != len(Catalogue()) {
		t.Fatalf("%d headlines of %d scenarios", len(lines), len(Catalogue()))
	}
	for _, h := range lines {
		f, err := FindFile(h.Name)
		if err != nil || h.Title != f.Base.Title {
			t.Errorf("%s: headline %q, title %q, %v", h.Name, h.Title, f.Base.Title, err)
		}
	}
}

func TestOneScenarioIsReadAlone(t *testing.T) {
	s := shelf{fsys: embedded, files: map[string]*model.File{}}
	if _, err := s.file("unread-data-under-fire"); err != nil {
		t.Fatal(err)
	}
	if len(s.files) != 2 { // it repeats another
		t.Errorf("%d files were read for unread-data-under-fire, want 2", len(s.files))
	}
}

func TestSettingsAreCheckedWithTheNearestName(t *testing.T) {
	for setting, want := range map[string]string{
		"tcp_sak: 1":      `x.yaml:4:29: setting "tcp_sak": there is no such setting; did you mean "tcp_sack"?`,
		"zzzzzzzzzzzz: 1": `x.yaml:4:29: setting "zzzzzzzzzzzz": there is no such setting; tcpsim settings lists them`,
		"tcp_sack: 5":     `x.yaml:4:29: setting "tcp_sack": want 0 or 1, not "5"`,
	} {
		_, err := Decode("x.yaml", []byte("name: x\ntitle: x\nshows: x\nhosts: {client: {settings: {"+setting+"}, processes: [{steps: [{exit: 0}]}]}}\n"))
		if err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", setting, err, want)
		}
	}
}

func TestErrorsOfARunNameTheFile(t *testing.T) {
	f, err := Decode("mine.yaml", []byte("name: boot\ntitle: x\nshows: x\nhosts: {client: {processes: [{steps: [{sleep: 1s}]}]}}\nnetwork:\n  - {boot: server}\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = Run(&f.Base, Options{})
	if want := "boot: mine.yaml:6:5: network step boot(server): server is running"; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}
