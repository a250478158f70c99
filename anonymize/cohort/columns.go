package cohort

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// A cohort is one Arrow IPC stream. Its rows are (table, key, n, data).
const (
	tablePupil    = iota // pseudonym; of each stretch the meters of weeks and half-terms, 1 once counted in the streams
	tableObjected        // token
	tableErased          // token
	tableEver            // empty key; home school, varint of the pupils counted
	tableWindow          // plus the cadence: place of the pupil, window, packed row
)

var cohortFields = []arrow.Field{
	{Name: "table", Type: arrow.PrimitiveTypes.Uint16},
	{Name: "key", Type: arrow.BinaryTypes.Binary},
	{Name: "n", Type: arrow.PrimitiveTypes.Int32},
	{Name: "data", Type: arrow.BinaryTypes.Binary},
}

// columns writes the rows of a cohort.
type columns struct{ b *array.RecordBuilder }

func (c columns) row(table int, key []byte, n int32, data []byte) {
	c.b.Field(0).(*array.Uint16Builder).Append(uint16(table))
	c.b.Field(1).(*array.BinaryBuilder).Append(key)
	c.b.Field(2).(*array.Int32Builder).Append(n)
	c.b.Field(3).(*array.BinaryBuilder).Append(data)
}

// encode returns the cohort's canonical bytes.
func (c *Cohort) encode() ([]byte, error) {
	meta := arrow.NewMetadata(
		[]string{"year", "rules", "from", "since", "closed", "gapped"},
		[]string{c.year.Name, c.rules(), c.from(), strconv.FormatInt(c.since, 10), indices(c.closed), indices(c.gapped)})
	schema := arrow.NewSchema(cohortFields, &meta)
	cols := columns{array.NewRecordBuilder(memory.DefaultAllocator, schema)}
	defer cols.b.Release()
	order := c.pupils.order()
	for _, pupil := range order {
		cols.row(tablePupil, c.pupils.ids[pupil][:], 0, c.pupils.append(nil, pupil))
	}
	cols.set(tableObjected, c.objected)
	cols.set(tableErased, c.erased)
	for _, home := range slices.Sorted(maps.Keys(c.ever)) {
		cols.row(tableEver, nil, home, binary.AppendVarint(nil, c.ever[home]))
	}
	for cadence, windows := range c.open {
		for _, i := range slices.Sorted(maps.Keys(windows)) {
			cols.window(c, cadence, i, order)
		}
	}
	record := cols.b.NewRecord()
	defer record.Release()
	var buf bytes.Buffer
	w := ipc.NewWriter(&buf, ipc.WithSchema(schema))
	if err := errors.Join(w.Write(record), w.Close()); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

func (c columns) set(table int, set tokens) {
	for _, p := range slices.SortedFunc(maps.Keys(set), compareIDs) {
		c.row(table, p[:], 0, nil)
	}
}

func (c columns) window(of *Cohort, cadence, index int, order []uint32) {
	w, shape := of.open[cadence][index], of.under(cadence, index).cadences[cadence].shape
	for place, pupil := range order {
		packed := w.get(pupil)
		if packed == nil {
			continue
		}
		n, _ := of.row.parse(packed, shape, len(of.year.Registry.Schools))
		c.row(tableWindow+cadence, binary.LittleEndian.AppendUint32(nil, uint32(place)), int32(index), packed[:n])
	}
}

// indices names a window of each cadence.
func indices(of [cadences]int) string { return fmt.Sprintf("%d %d", of[weekly], of[periodic]) }

func parseIndices(s string) (of [cadences]int, err error) {
	_, err = fmt.Sscanf(s, "%d %d", &of[weekly], &of[periodic])
	return of, err
}

// decodeCohort reads what encode wrote for the same year.
func decodeCohort(y *Year, payload []byte) (*Cohort, error) {
	reader, err := ipc.NewReader(bytes.NewReader(payload))
	if err != nil {
		return nil, err
	}
	defer reader.Release()
	c := newCohort()
	meta := reader.Schema().Metadata()
	get := func(key string) string { v, _ := meta.GetValue(key); return v }
	if err := c.restoreStretches(y, get("from")); err != nil {
		return nil, err
	}
	if get("year") != y.Name || get("rules") != c.rules() {
		return nil, ErrConfig
	}
	closed, err1 := parseIndices(get("closed"))
	gapped, err2 := parseIndices(get("gapped"))
	since, err3 := strconv.ParseInt(get("since"), 10, 64)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	c.closed, c.since, c.gapped = closed, since, gapped
	for reader.Next() {
		if err := c.restore(reader.Record()); err != nil {
			return nil, err
		}
	}
	return c, reader.Err()
}

func (c *Cohort) restore(record arrow.Record) error {
	tables := record.Column(0).(*array.Uint16)
	keys := record.Column(1).(*array.Binary)
	ns := record.Column(2).(*array.Int32)
	data := record.Column(3).(*array.Binary)
	for i := range int(record.NumRows()) {
		if err := c.restoreRow(int(tables.Value(i)), keys.Value(i), ns.Value(i), data.Value(i)); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cohort) restoreRow(table int, key []byte, n int32, data []byte) error {
	ok := false
	switch {
	case table >= tableWindow:
		ok = c.restoreWindow(table-tableWindow, key, int(n), data)
	case table == tableEver:
		ok = c.restoreEver(n, data)
	default:
		ok = c.restorePupil(table, key, data)
	}
	if !ok {
		return fmt.Errorf("malformed row of table %d", table)
	}
	return nil
}

func (c *Cohort) restoreEver(home int32, data []byte) bool {
	count, used := binary.Varint(data)
	c.ever[home] = count
	return used > 0 && used == len(data) && home >= otherSchool && int(home) < len(c.year.Registry.Schools)
}

func (c *Cohort) restorePupil(table int, key, data []byte) bool {
	var id [16]byte
	if len(key) != len(id) {
		return false
	}
	copy(id[:], key)
	switch table {
	case tablePupil:
		return c.pupils.restore(c.pupils.add(id), data)
	case tableObjected:
		c.object(id)
	case tableErased:
		c.erased[id] = struct{}{}
	}
	return true
}

func (c *Cohort) restoreWindow(cadence int, key []byte, index int, packed []byte) bool {
	if cadence >= cadences || len(key) != 4 || index < 0 || index >= len(c.year.cadences[cadence].windows) {
		return false
	}
	pupil := binary.LittleEndian.Uint32(key)
	n, ok := c.row.parse(packed, c.under(cadence, index).cadences[cadence].shape, len(c.year.Registry.Schools))
	if !ok || n != len(packed) || int(pupil) >= len(c.pupils.ids) {
		return false
	}
	w := c.open[cadence][index]
	if w == nil {
		w = &rows{}
		c.open[cadence][index] = w
	}
	w.put(pupil, packed)
	return true
}
