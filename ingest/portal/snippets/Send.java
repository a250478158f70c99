// Envoie un lot ; recommence tant que le service le demande : java Send.java
// Sends a batch; tries again as long as the service asks for it.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;

public class Send {
    static final HttpClient CLIENT = HttpClient.newHttpClient();

    static String send(String statements) throws Exception {
        String key = System.getenv("BRUME_KEY") + ":" + System.getenv("BRUME_SECRET");
        HttpRequest request = HttpRequest.newBuilder(URI.create(System.getenv("BRUME_URL") + "/xapi/statements"))
            .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(key.getBytes(StandardCharsets.UTF_8)))
            .header("Content-Type", "application/json")
            .header("X-Experience-API-Version", "1.0.3")
            .POST(HttpRequest.BodyPublishers.ofString(statements))
            .build();
        for (int attempt = 0; attempt < 8; attempt++) {
            HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
            int status = answer.statusCode();
            if (status == 200) {
                return answer.body();
            }
            if (status != 429 && status != 503) {
                throw new IllegalStateException(answer.body());
            }
            Thread.sleep(1000 * Long.parseLong(answer.headers().firstValue("Retry-After").orElse("5")));
        }
        throw new IllegalStateException("Brume is still not available");
    }

    static String statement(int exercise, boolean success) {
        return """
            {
              "id": "%s",
              "actor": {"account": {"homePage": "https://ent.example", "name": "4f6c1e0a"}},
              "verb": {"id": "http://adlnet.gov/expapi/verbs/answered"},
              "object": {"id": "https://outil.example/exercice/%d"},
              "result": {"success": %b},
              "timestamp": "%s",
              "context": {"extensions": {"https://brume.example/xapi/extensions/uai": "0139101X"}}
            }""".formatted(UUID.randomUUID(), exercise, success, Instant.now());
    }

    public static void main(String[] args) throws Exception {
        System.out.println(send("[" + statement(1, true) + "," + statement(2, false) + "]"));
    }
}
