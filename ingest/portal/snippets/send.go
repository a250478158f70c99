//go:build ignore

// Envoie un lot ; recommence tant que le service le demande : go run send.go
// Sends a batch; tries again as long as the service asks for it.
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"
)

func send(statements []any) (ids []string, err error) {
	body, err := json.Marshal(statements)
	if err != nil {
		return nil, err
	}
	for range 8 {
		wait, err := attempt(body, &ids)
		if err != nil || wait == 0 {
			return ids, err
		}
		time.Sleep(wait)
	}
	return nil, fmt.Errorf("brume is still not available")
}

// attempt returns how long to wait before the next one, 0 after success.
func attempt(body []byte, ids *[]string) (time.Duration, error) {
	request, err := http.NewRequest(http.MethodPost, os.Getenv("BRUME_URL")+"/xapi/statements", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.SetBasicAuth(os.Getenv("BRUME_KEY"), os.Getenv("BRUME_SECRET"))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Experience-API-Version", "1.0.3")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
		return 0, json.NewDecoder(answer.Body).Decode(ids)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
		if err != nil {
			seconds = 5
		}
		return time.Duration(seconds) * time.Second, nil
	}
	text, _ := io.ReadAll(answer.Body)
	return 0, fmt.Errorf("%s: %s", answer.Status, text)
}

func statement(exercise int, success bool) any {
	type object map[string]any
	return object{
		"id":        uuid(),
		"actor":     object{"account": object{"homePage": "https://ent.example", "name": "4f6c1e0a"}},
		"verb":      object{"id": "http://adlnet.gov/expapi/verbs/answered"},
		"object":    object{"id": fmt.Sprintf("https://outil.example/exercice/%d", exercise)},
		"result":    object{"success": success},
		"timestamp": time.Now().Format(time.RFC3339),
		"context":   object{"extensions": object{"https://brume.example/xapi/extensions/uai": "0139101X"}},
	}
}

func uuid() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func main() {
	ids, err := send([]any{statement(1, true), statement(2, false)})
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range ids {
		fmt.Println(id)
	}
}
