package mapping

// origin says in a few words where a fact comes from, or why there is none. It
// holds nothing of the statement.
type origin string

const (
	taken         origin = "taken"
	unfit         origin = "does not fit the rule"
	notInRegistry origin = "not in the registry"
	nothing       origin = "nothing there"

	fromVerb         origin = "verb"
	noVerb           origin = "no table lists the verb"
	fromPart         origin = "no rule of whole holds: a part of the activity"
	fromWaived       origin = "waived: no work was judged"
	fromSuccess      origin = "result.success"
	fromScaled       origin = "result.score.scaled"
	fromRaw          origin = "result.score.raw between min and max"
	noScale          origin = "raw without a usable min and max"
	fromDuration     origin = "result.duration"
	fromSegments     origin = "played-segments"
	fromLastSegment  origin = "the last of played-segments"
	badSegments      origin = "played-segments holds nothing that ended"
	fromOthers       origin = "no rule of duration holds: other statements count this time"
	tooLong          origin = "longer than four hours"
	fromTimestamp    origin = "timestamp"
	fromStored       origin = "stored"
	fromReceipt      origin = "time of receipt"
	fromFuture       origin = "time of receipt: the statement is from the future"
	notStated        origin = "not stated"
	fromPrefix       origin = "prefix of the activity id"
	noPrefix         origin = "no registered tool has a prefix of the activity id"
	noActivityObject origin = "the object is not an activity"
)

// Step is one thing that a rule did. Found is what stands at the pointer.
type Step struct {
	Rule    string `json:"rule,omitempty"` // school[1]
	Pointer string `json:"pointer,omitempty"`
	Found   string `json:"found,omitempty"`
	Value   string `json:"value,omitempty"` // after translation
	Result  string `json:"result"`
}

// Told says whether a step is worth telling: it found something.
func (s Step) Told() bool { return s.Result != string(nothing) }

// trail records what the rules of one field did. A nil trail records nothing.
type trail struct {
	field string
	at    int
	steps []Step
}

func (t *trail) rule(i int) {
	if t != nil {
		t.at = i
	}
}

func (t *trail) step(pointer, found, value string, result origin) {
	if t != nil {
		t.steps = append(t.steps, Step{ruleName(t.field, t.at), pointer, shorten(found), shorten(value), string(result)})
	}
}

// miss records what no table knows, outside any rule.
func (t *trail) miss(pointer, found string, result origin) {
	t.steps = append(t.steps, Step{Pointer: pointer, Found: shorten(found), Result: string(result)})
}

func (t *trail) fixed(value string) { t.step("", "", value, taken) }
