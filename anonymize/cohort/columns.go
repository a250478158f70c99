package cohort

import (
	"bytes"
	"cmp"
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

// A cohort is one Arrow IPC stream. Its rows are (table, key, n, bits, data):
// table 0 a pupil, 1 an objection, 2 an erasure, 3+i a row of week i.
const (
	tablePupil = iota
	tableObjected
	tableErased
	tableWeek
)

var cohortFields = []arrow.Field{
	{Name: "table", Type: arrow.PrimitiveTypes.Uint16},
	{Name: "key", Type: arrow.BinaryTypes.Binary},     // pseudonym; for a week the pupil's place
	{Name: "n", Type: arrow.PrimitiveTypes.Int32},     // meter; for a week the home school
	{Name: "bits", Type: arrow.PrimitiveTypes.Uint64}, // level set
	{Name: "data", Type: arrow.BinaryTypes.Binary},    // outcomes, 2 bytes each
}

// columns writes the rows of a cohort.
type columns struct{ b *array.RecordBuilder }

func (c columns) row(table int, key []byte, n int32, bits uint64, data []byte) {
	c.b.Field(0).(*array.Uint16Builder).Append(uint16(table))
	c.b.Field(1).(*array.BinaryBuilder).Append(key)
	c.b.Field(2).(*array.Int32Builder).Append(n)
	c.b.Field(3).(*array.Uint64Builder).Append(bits)
	c.b.Field(4).(*array.BinaryBuilder).Append(data)
}

// encode returns the cohort's canonical bytes.
func (c *Cohort) encode() ([]byte, error) {
	meta := arrow.NewMetadata(
		[]string{"year", "rules", "since", "closed", "gapped"},
		[]string{c.year.Name, c.year.rules(), strconv.FormatInt(c.since, 10), strconv.Itoa(c.closed), strconv.Itoa(c.gapped)})
	schema := arrow.NewSchema(cohortFields, &meta)
	cols := columns{array.NewRecordBuilder(memory.DefaultAllocator, schema)}
	defer cols.b.Release()
	rows, place := c.pupils.order()
	for _, row := range rows {
		cols.row(tablePupil, c.pupils.ids[row][:], int32(c.pupils.meter[row]), 0, nil)
	}
	cols.set(tableObjected, c.objected)
	cols.set(tableErased, c.erased)
	for _, i := range slices.Sorted(maps.Keys(c.weeks)) {
		cols.week(tableWeek+i, c.weeks[i], place, c.year.subjects.len())
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
		c.row(table, p[:], 0, 0, nil)
	}
}

func (c columns) week(table int, w *week, place []uint32, subjects int) {
	var data []byte
	for _, row := range w.order(place) {
		data = data[:0]
		for _, n := range w.outcomes[2*row*subjects : 2*(row+1)*subjects] {
			data = binary.LittleEndian.AppendUint16(data, n)
		}
		key := binary.LittleEndian.AppendUint32(nil, place[w.pupil[row]])
		c.row(table, key, w.home[row], w.levels[row], data)
	}
}

// decodeCohort reads what encode wrote for the same year.
func decodeCohort(y *Year, payload []byte) (*Cohort, error) {
	reader, err := ipc.NewReader(bytes.NewReader(payload))
	if err != nil {
		return nil, err
	}
	defer reader.Release()
	c := newCohort(y)
	meta := reader.Schema().Metadata()
	get := func(key string) string { v, _ := meta.GetValue(key); return v }
	if get("year") != y.Name || get("rules") != y.rules() {
		return nil, ErrConfig
	}
	closed, err1 := strconv.Atoi(get("closed"))
	since, err2 := strconv.ParseInt(get("since"), 10, 64)
	gapped, err3 := strconv.Atoi(cmp.Or(get("gapped"), "-1")) // snapshots of the first version have none
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
	sets := record.Column(3).(*array.Uint64)
	data := record.Column(4).(*array.Binary)
	for i := range int(record.NumRows()) {
		var id [16]byte
		table := int(tables.Value(i))
		if table < tableWeek {
			if len(keys.Value(i)) != len(id) {
				return errors.New("malformed row of a pupil")
			}
			copy(id[:], keys.Value(i))
		}
		switch table {
		case tablePupil:
			c.pupils.meter[c.pupils.add(id)] = uint8(ns.Value(i))
		case tableObjected:
			c.object(id)
		case tableErased:
			c.erased[id] = struct{}{}
		default:
			if err := c.restoreRow(table-tableWeek, keys.Value(i), ns.Value(i), sets.Value(i), data.Value(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Cohort) restoreRow(index int, key []byte, home int32, levels uint64, outcomes []byte) error {
	subjects := c.year.subjects.len()
	if len(key) != 4 || len(outcomes) != 4*subjects || index >= len(c.year.weeks) {
		return fmt.Errorf("malformed row of week %d", index)
	}
	pupil := binary.LittleEndian.Uint32(key)
	if int(pupil) >= len(c.pupils.ids) || int(home) >= len(c.year.Registry.Schools) {
		return fmt.Errorf("row of week %d names no pupil or school", index)
	}
	w := c.weeks[index]
	if w == nil {
		w = &week{}
		c.weeks[index] = w
	}
	row := w.add(pupil, home, subjects)
	w.levels[row] = levels
	for i := range 2 * subjects {
		w.outcomes[2*row*subjects+i] = binary.LittleEndian.Uint16(outcomes[2*i:])
	}
	return nil
}
