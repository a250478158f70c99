<?php
// Envoie un lot ; recommence tant que le service le demande.
// Sends a batch; tries again as long as the service asks for it.

function send(array $statements): array
{
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => [
            'Authorization: Basic ' . base64_encode(getenv('BRUME_KEY') . ':' . getenv('BRUME_SECRET')),
            'Content-Type: application/json',
            'X-Experience-API-Version: 1.0.3',
        ],
        'content' => json_encode($statements, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES),
        'ignore_errors' => true,
        'timeout' => 60,
    ]]);
    for ($attempt = 0; $attempt < 8; $attempt++) {
        $body = file_get_contents(getenv('BRUME_URL') . '/xapi/statements', false, $context);
        if ($body === false) {
            throw new RuntimeException('Brume does not answer');
        }
        $status = (int) explode(' ', $http_response_header[0])[1];
        if ($status === 200) {
            return json_decode($body, true, 512, JSON_THROW_ON_ERROR);
        }
        if ($status !== 429 && $status !== 503) {
            throw new RuntimeException($body);
        }
        $wait = preg_grep('/^Retry-After:/i', $http_response_header);
        sleep($wait ? (int) explode(':', reset($wait))[1] : 5);
    }
    throw new RuntimeException('Brume is still not available');
}

function uuid(): string
{
    $b = random_bytes(16);
    $b[6] = chr(ord($b[6]) & 0x0f | 0x40);
    $b[8] = chr(ord($b[8]) & 0x3f | 0x80);
    return vsprintf('%s%s-%s-%s-%s-%s%s%s', str_split(bin2hex($b), 4));
}

function statement(int $exercise, bool $success): array
{
    return [
        'id' => uuid(),
        'actor' => ['account' => ['homePage' => 'https://ent.example', 'name' => '4f6c1e0a']],
        'verb' => ['id' => 'http://adlnet.gov/expapi/verbs/answered'],
        'object' => ['id' => "https://outil.example/exercice/$exercise"],
        'result' => ['success' => $success],
        'timestamp' => date(DATE_RFC3339),
        'context' => ['extensions' => ['https://brume.example/xapi/extensions/uai' => '0139101X']],
    ];
}

echo implode("\n", send([statement(1, true), statement(2, false)])), "\n";
