package release

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// format names the layout; readers refuse any other.
const format = "brume.release.v1"

// code is the type of the coded columns: few distinct strings, many rows.
var code = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint32, ValueType: arrow.BinaryTypes.String}

// coded lists the coded columns, in order, with their place in a Cell.
var coded = []struct {
	name  string
	field func(*Cell) *string
}{
	{"family", func(c *Cell) *string { return &c.Family }},
	{"area", func(c *Cell) *string { return &c.Area }},
	{"level", func(c *Cell) *string { return &c.Level }},
	{"subject", func(c *Cell) *string { return &c.Subject }},
	{"tool", func(c *Cell) *string { return &c.Tool }},
	{"measure", func(c *Cell) *string { return &c.Measure }},
}

// Schema returns the Arrow schema of a release's cells: the coded columns,
// value (int64, units) and sigma (float64, units). Its metadata hold the rest
// of the release.
func Schema(r *Release) *arrow.Schema {
	var fields []arrow.Field
	for _, c := range coded {
		fields = append(fields, arrow.Field{Name: c.name, Type: code})
	}
	fields = append(fields,
		arrow.Field{Name: "value", Type: arrow.PrimitiveTypes.Int64},
		arrow.Field{Name: "sigma", Type: arrow.PrimitiveTypes.Float64})
	meta := arrow.NewMetadata(metadata(r))
	return arrow.NewSchema(fields, &meta)
}

func metadata(r *Release) (keys, values []string) {
	float := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
	for _, kv := range [][2]string{
		{"format", format}, {"id", string(r.ID)}, {"school_year", r.SchoolYear},
		{"cadence", r.Cadence}, {"window", r.Window}, {"start", r.Start}, {"end", r.End},
		{"policy", r.PolicyHash}, {"registry", r.RegistryHash},
		{"epsilon", float(r.Epsilon)}, {"delta", float(r.Delta)},
		{"incomplete", strconv.FormatBool(r.Incomplete)}, {"cells", strconv.Itoa(len(r.Cells))},
	} {
		keys, values = append(keys, kv[0]), append(values, kv[1])
	}
	return keys, values
}

// Encode returns the release as an Arrow IPC stream.
func Encode(r *Release) ([]byte, error) {
	schema := Schema(r)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for i, c := range coded {
		column := b.Field(i).(*array.BinaryDictionaryBuilder)
		for k := range r.Cells {
			if err := column.AppendString(*c.field(&r.Cells[k])); err != nil {
				return nil, fmt.Errorf("encoding release %s: %w", r.ID, err)
			}
		}
	}
	values := b.Field(len(coded)).(*array.Int64Builder)
	sigmas := b.Field(len(coded) + 1).(*array.Float64Builder)
	for k := range r.Cells {
		values.Append(r.Cells[k].Value)
		sigmas.Append(r.Cells[k].Sigma)
	}
	record := b.NewRecord()
	defer record.Release()
	return write(schema, record)
}

func write(schema *arrow.Schema, record arrow.Record) ([]byte, error) {
	var buf bytes.Buffer
	w := ipc.NewWriter(&buf, ipc.WithSchema(schema), ipc.WithZstd())
	if err := w.Write(record); err != nil {
		return nil, fmt.Errorf("encoding release: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("encoding release: %w", err)
	}
	return buf.Bytes(), nil
}

// ErrHash means that a payload is not the one that the hash names.
var ErrHash = errors.New("payload is not the one that was committed")

// Decode reads what Encode wrote, if its hash is the committed one: Arrow's
// reader believes the lengths that it reads, so bytes of another origin MUST
// NOT reach it. It refuses a stream whose format, columns or number of cells
// are not those of a release.
func Decode(payload []byte, committed [32]byte) (*Release, error) {
	if Hash(payload) != committed {
		return nil, ErrHash
	}
	reader, err := ipc.NewReader(bytes.NewReader(payload))
	if err != nil {
		return nil, fmt.Errorf("decoding release: %w", err)
	}
	defer reader.Release()
	r, cells, err := fromMetadata(reader.Schema().Metadata())
	if err != nil {
		return nil, err
	}
	if !reader.Schema().Equal(Schema(&Release{})) {
		return nil, errors.New("decoding release: unknown columns")
	}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("decoding release: %w", err)
		}
		r.Cells = appendCells(r.Cells, record)
	}
	if len(r.Cells) != cells {
		return nil, fmt.Errorf("decoding release %s: %d cells, want %d", r.ID, len(r.Cells), cells)
	}
	return r, nil
}

func appendCells(cells []Cell, record arrow.Record) []Cell {
	first := len(cells)
	cells = append(cells, make([]Cell, record.NumRows())...)
	for i, c := range coded {
		column := record.Column(i).(*array.Dictionary)
		words := column.Dictionary().(*array.String)
		for k := range cells[first:] {
			*c.field(&cells[first+k]) = words.Value(column.GetValueIndex(k))
		}
	}
	values := record.Column(len(coded)).(*array.Int64)
	sigmas := record.Column(len(coded) + 1).(*array.Float64)
	for k := range cells[first:] {
		cells[first+k].Value, cells[first+k].Sigma = values.Value(k), sigmas.Value(k)
	}
	return cells
}

func fromMetadata(m arrow.Metadata) (*Release, int, error) {
	get := func(key string) string { v, _ := m.GetValue(key); return v }
	if got := get("format"); got != format {
		return nil, 0, fmt.Errorf("decoding release: format %q, want %q", got, format)
	}
	epsilon, err1 := strconv.ParseFloat(get("epsilon"), 64)
	delta, err2 := strconv.ParseFloat(get("delta"), 64)
	incomplete, err3 := strconv.ParseBool(get("incomplete"))
	cells, err4 := strconv.Atoi(get("cells"))
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, 0, fmt.Errorf("decoding release metadata: %w", err)
	}
	return &Release{
		ID: ID(get("id")), SchoolYear: get("school_year"), Cadence: get("cadence"),
		Window: get("window"), Start: get("start"), End: get("end"),
		PolicyHash: get("policy"), RegistryHash: get("registry"),
		Epsilon: epsilon, Delta: delta, Incomplete: incomplete,
	}, cells, nil
}

// Hash returns the SHA-256 by which the ledger names an encoded release.
func Hash(payload []byte) [32]byte { return sha256.Sum256(payload) }
