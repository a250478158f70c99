package readback

// everyLine stands for all of a publisher's keys.
const everyLine uint32 = 0

// lines gives numbers to the lines of keys, from 1 on. There are never more
// than the registry of publishers has had since the process began.
type lines map[string]uint32

// number is that of a line.
func (l lines) number(line string) uint32 {
	n, ok := l[line]
	if !ok {
		n = uint32(len(l)) + 1
		l[line] = n
	}
	return n
}

// sees is the line that an owner may read, or everyLine.
func (l lines) sees(o *Owner) uint32 {
	if !o.Narrow {
		return everyLine
	}
	return l.number(o.Line)
}

// of says whether the line sent the entry.
func (e *entry) of(line uint32) bool { return line == everyLine || e.line == line }
