package chart

// Drawing is a line chart in coordinates.
type Drawing struct {
	ID                       string
	Width, Height            float64
	Left, Right, Top, Bottom float64 // of the plot
	YTicks, XTicks           []Tick
	Bands, Lines             []string // SVG path data of the main series
	Dots                     []Dot
	Compared                 []Path
	Shades                   []Shade
	Rows                     []Row
	Labels                   []Label
	Last                     *Mark
}

// Tick is an axis label.
type Tick struct {
	At   float64
	Text string
}

// Dot is one week's value.
type Dot struct {
	X, Y   float64
	Hollow bool
}

// Path is a compared series.
type Path struct {
	Style int
	Data  []string
}

// Box is a rectangle.
type Box struct{ X, Y, W, H float64 }

// Shade is a named run of weeks behind the lines.
type Shade struct {
	Box
	Name    string
	Upright bool // the name is turned: the run is too narrow for it
}

// MidX and TextY are where the name stands.
func (s Shade) MidX() float64  { return round(s.X + s.W/2) }
func (s Shade) TextY() float64 { return s.Y + 6 }

// Row is a holiday zone's strip under the plot.
type Row struct {
	Name  string
	Y     float64
	Boxes []Box
}

// Label names a series at its end.
type Label struct {
	X, Y  float64
	Style int // 0: the main series
	Text  string
	End   bool // X is where the text ends
}

// Mark is the latest point with its interval.
type Mark struct {
	X, Y, Low, High float64
	Hollow          bool
}
