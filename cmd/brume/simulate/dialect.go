package simulate

// tool is a learning tool and the way it speaks xAPI.
type tool struct {
	name     string
	subjects []string
	weights  []float64 // of the subjects, cumulative
	shortest int       // fewest statements in a sitting
	onward   float64   // chance of one more
	each     int       // seconds from one statement to the next, about
	write    func(w *writer)
}

// tools, in the order of toolWeights. Their codes are the registry's.
var tools = []tool{
	{"calcul", []string{"mathematiques", "physique-chimie", "technologie"}, []float64{0.72, 0.90, 1}, 4, 0.74, 75, (*writer).calcul},
	{"lecture", []string{"francais", "anglais", "histoire-geographie"}, []float64{0.50, 0.80, 1}, 3, 0.70, 150, (*writer).lecture},
	{"video", []string{"svt", "histoire-geographie", "physique-chimie", "anglais", "arts", "mathematiques"}, []float64{0.25, 0.45, 0.65, 0.80, 0.90, 1}, 3, 0.68, 120, (*writer).video},
}

var toolWeights = []float64{0.46, 0.77, 1}

// difficulty is what a subject takes from log-odds.
var difficulty = map[string]float64{"mathematiques": 0.05, "physique-chimie": 0.15, "technologie": -0.55, "francais": -0.45,
	"anglais": -0.75, "histoire-geographie": -0.65, "svt": -0.6, "arts": -1}

// progress is what each week of the year adds to log-odds.
const progress = 0.014

// calcul speaks plain ADL verbs and puts school, level and subject into
// context extensions.
func (w *writer) calcul() {
	last := w.index == w.session.length-1
	if last {
		w.verb("http://adlnet.gov/expapi/verbs/completed", "a terminé")
	} else {
		w.verb("http://adlnet.gov/expapi/verbs/answered", "a répondu")
	}
	w.object("https://calcul.example/exercise/", w.activity, "http://adlnet.gov/expapi/activities/assessment", "")
	if w.open("result") {
		w.raw(`"success":`).bool(w.success).raw(`,"score":{"scaled":`).thousandths(w.score)
		w.raw(`},"duration":"PT`).int(w.seconds).raw(`S"}`)
	}
	w.open("context")
	w.raw(`"extensions":{`)
	w.role()
	w.raw(`"` + extensions + `uai":"`).raw(w.uai).raw(`","` + extensions + `level":"`).raw(w.level)
	w.raw(`","` + extensions + `subject":"`).raw(w.session.subject).raw(`"}}`)
}

// lecture speaks cmi5 verbs, gives raw scores and names school, level and
// subject as grouping activities.
func (w *writer) lecture() {
	last := w.index == w.session.length-1
	switch {
	case last:
		w.verb("http://adlnet.gov/expapi/verbs/completed", "a terminé")
	case w.success:
		w.verb("http://adlnet.gov/expapi/verbs/passed", "a réussi")
	default:
		w.verb("http://adlnet.gov/expapi/verbs/failed", "a échoué")
	}
	w.object("https://lecture.example/text/", w.activity, "http://adlnet.gov/expapi/activities/lesson", "")
	switch {
	case !w.open("result"):
	case last:
		w.raw(`"completion":true,"duration":"PT`).int(w.seconds / 60).raw(`M`).int(w.seconds % 60).raw(`S"}`)
	default:
		w.raw(`"success":`).bool(w.success).raw(`,"score":{"raw":`).int(w.score / 50).raw(`,"min":0,"max":20}}`)
	}
	w.open("context")
	w.raw(`"platform":"lecture",`)
	if w.session.teacher {
		w.raw(`"extensions":{"` + extensions + `role":"teacher"},`)
	}
	w.raw(`"contextActivities":{"grouping":[{"id":"https://brume.example/school/`).raw(w.uai)
	w.raw(`"},{"id":"https://brume.example/level/`).raw(w.level)
	w.raw(`"},{"id":"https://brume.example/subject/`).raw(w.session.subject)
	w.raw(`"}],"category":[{"id":"https://w3id.org/xapi/cmi5/context/categories/cmi5"}]}}`)
}

// video follows the video profile: no level, the subject on the object.
func (w *writer) video() {
	last := w.index == w.session.length-1
	length := 120 + int(w.activity*37%480)
	at := length * (w.index + 1) / w.session.length
	if last {
		w.verb("http://adlnet.gov/expapi/verbs/completed", "a terminé")
	} else {
		w.verb("https://w3id.org/xapi/video/verbs/played", "a lu")
	}
	w.object("https://video.example/watch/", w.activity, "https://w3id.org/xapi/video/activity-type/video", w.session.subject)
	if w.open("result") {
		if last {
			w.raw(`"completion":true,"duration":"PT`).int(length).raw(`S",`)
		}
		w.raw(`"extensions":{"https://w3id.org/xapi/video/extensions/time":`).int(at)
		w.raw(`,"https://w3id.org/xapi/video/extensions/progress":`).thousandths(1000 * at / length)
		w.raw(`,"https://w3id.org/xapi/video/extensions/played-segments":"0[.]`).int(at).raw(`"}}`)
	}
	w.open("context")
	w.raw(`"extensions":{`)
	w.role()
	w.raw(`"` + extensions + `uai":"`).raw(w.uai).raw(`"}}`)
}

// extensions is where the IRIs of our xAPI extensions begin.
const extensions = "https://brume.example/xapi/extensions/"

func (w *writer) role() {
	if w.session.teacher {
		w.raw(`"` + extensions + `role":"teacher",`)
	}
}
