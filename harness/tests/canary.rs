//! Secrets stay secret: every kind of them, against a server that repeats each in every form it can think of, looked for
//! in everything that is printed or written.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// Letters that every encoding changes, and none that occurs by chance.
const SECRET: &str = "Kanarien+Vogel/\"7&<q>'Zw";
const COOKIE: &str = "cookie-of-a-session-nobody-guesses";
const STRANGER: &str = "Wilhelmina.Unbekannt";

fn hex(secret: &str) -> String {
    secret.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Every form in which a secret is looked for, and in which the server repeats it.
fn forms(secret: &str) -> Vec<(&'static str, String)> {
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let some: String = secret
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("%{:02x}", u32::from(c)) })
        .collect();
    let unicode: String = secret.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let escaped = serde_json::to_string(secret).unwrap();
    vec![
        ("plain", secret.to_owned()),
        ("small letters", secret.to_lowercase()),
        ("capital letters", secret.to_uppercase()),
        ("base64", STANDARD.encode(secret)),
        ("base64url", URL_SAFE_NO_PAD.encode(secret)),
        ("base64 of a pair", STANDARD.encode(format!("user:{secret}"))),
        ("percent, all", percent),
        ("percent, some", some),
        ("JSON", escaped[1..escaped.len() - 1].to_owned()),
        ("JSON, all", unicode),
        ("HTML", html.replace('\'', "&#39;")),
        ("HTML, apostrophe", html.replace('\'', "&apos;")),
        ("hex", hex(secret)),
        ("HEX", hex(secret).to_uppercase()),
    ]
}

/// Answers every request with its credentials, in one form after the other, in headers, texts, names and compressed.
async fn parrot(secret: &'static str) -> MockServer {
    let server = MockServer::start().await;
    let turn = AtomicUsize::new(0);
    let answer = move |request: &Request| {
        let forms = forms(secret);
        let turn = turn.fetch_add(1, Ordering::Relaxed);
        let (_, form) = &forms[turn % forms.len()];
        let everything: Vec<&str> = forms.iter().map(|(_, form)| form.as_str()).collect();
        let is_users = request.url.path().ends_with("/Users");
        let stranger = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "4711", "userName": STRANGER,
            "name": { "givenName": STRANGER }, "password": "a-password-of-somebody-else",
            "nickName": form, "meta": { "location": format!("{}/Users/{form}", "http://elsewhere.example") }
        });
        let mut body = match (request.method.as_str(), is_users) {
            ("GET", true) => json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
                "totalResults": 1, "startIndex": 1, "itemsPerPage": 1, "Resources": [stranger]
            }),
            ("POST", _) => {
                let mut sent: Value = serde_json::from_slice(&request.body).unwrap_or_default();
                sent["id"] = json!(format!("{turn}"));
                sent["nickName"] = json!(everything.join(" "));
                sent
            }
            _ => json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "detail": everything.join(" ") }),
        };
        body[form] = json!(form);
        let text = match turn % 3 {
            0 => body.to_string(),
            1 => body.to_string().replace(secret, &forms[9].1),
            _ => format!("<html>{}</html>", everything.join("\n")),
        };
        let status = match (turn % 5, request.method.as_str()) {
            (4, _) => 500,
            (_, "POST") => 201,
            _ => 200,
        };
        let mut answer = ResponseTemplate::new(status)
            .insert_header("set-cookie", format!("sid={COOKIE}; Path=/"))
            .insert_header("location", format!("http://elsewhere.example/?token={}", forms[7].1));
        if !form.contains(['\r', '\n']) {
            answer = answer.insert_header("x-echo", form.as_str());
        }
        if turn.is_multiple_of(2) {
            return answer.set_body_raw(text, "application/scim+json");
        }
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(text.as_bytes()).unwrap();
        answer.insert_header("content-encoding", "gzip").set_body_raw(packed.finish().unwrap(), "application/scim+json")
    };
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

const REPORTS: &[&str] = &[
    "--json",
    "r.json",
    "--junit",
    "r.xml",
    "--html",
    "r.html",
    "--markdown",
    "r.md",
    "--har",
    "r.har",
    "--ndjson",
    "r.ndjson",
    "--trace",
    "-v",
];

async fn run(folder: &Path, arguments: Vec<String>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    command
        .current_dir(folder)
        .env("CANARY", SECRET)
        .env("OTHER", "another-secret")
        .env_remove("SCIM_TOKEN")
        .env_remove("GITHUB_ACTIONS");
    command.env("GITHUB_STEP_SUMMARY", folder.join("summary.md")).args(arguments);
    tokio::task::spawn_blocking(move || command.output().expect("the program starts")).await.expect("it ends")
}

/// Looks through everything a run printed and wrote, journals included.
fn search(output: &Output, folder: &Path, secrets: &[(&'static str, String)]) {
    let mut artefacts =
        vec![("stdout".to_owned(), output.stdout.clone()), ("stderr".to_owned(), output.stderr.clone())];
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false => artefacts.push((path.display().to_string(), fs::read(&path).expect("a file"))),
            }
        }
    }
    assert!(artefacts.len() > 8, "reports were written: {:?}", artefacts.iter().map(|one| &one.0).collect::<Vec<_>>());
    for (name, bytes) in &artefacts {
        // A report escapes what it quotes: both readings are searched.
        let text = String::from_utf8_lossy(bytes).into_owned();
        let unescaped = text.replace("\\\"", "\"").replace("\\\\", "\\");
        let unmarked = text.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">");
        let readings = [text.clone(), unescaped, unmarked.replace("&amp;", "&")];
        for (form, secret) in secrets {
            for reading in &readings {
                if let Some(at) = reading.find(secret.as_str()) {
                    let from = reading.floor_char_boundary(at.saturating_sub(80));
                    panic!("{name} holds the secret as {form}: {}", &reading[from..at]);
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_any_kind_reaches_anything_that_is_written_or_printed() {
    let mut wanted = forms(SECRET);
    wanted.push(("cookie", COOKIE.to_owned()));
    wanted.push(("stranger", STRANGER.to_owned()));
    wanted.push(("stranger's password", "a-password-of-somebody-else".to_owned()));
    for credentials in [
        vec!["--bearer", "env:CANARY"],
        vec!["--header", "X-Api-Thing: env:CANARY"],
        vec!["--header", "Authorization: env:CANARY"],
        vec!["--basic", "user:env:CANARY"],
    ] {
        let server = parrot(SECRET).await;
        let folder = tempfile::tempdir().unwrap();
        let words = ["test", &server.uri(), "okta/spec", "okta/users/**", "--timeout", "5s", "--settle", "0"];
        let arguments = words.iter().chain(REPORTS).chain(&credentials).map(|word| (*word).to_owned()).collect();
        let output = run(folder.path(), arguments).await;
        assert!(matches!(output.status.code(), Some(1 | 6)), "{}", String::from_utf8_lossy(&output.stderr));
        let has_credentials = |request: &Request| {
            request.headers.iter().any(|(_, value)| {
                value.to_str().is_ok_and(|text| {
                    text.contains(SECRET) || text.contains(&STANDARD.encode(format!("user:{SECRET}")))
                })
            })
        };
        let requests = server.received_requests().await.unwrap();
        assert!(requests.iter().any(has_credentials), "the secret was sent");
        search(&output, folder.path(), &wanted);
    }
}

/// Issues the same tokens to everybody.
async fn issuer(access: &'static str, refresh: &'static str) -> MockServer {
    let server = MockServer::start().await;
    let tokens =
        json!({ "access_token": access, "token_type": "Bearer", "expires_in": 3600, "refresh_token": refresh });
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_json(tokens)).mount(&server).await;
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_sign_in_reaches_anything_that_is_written_or_printed() {
    let wanted = forms(SECRET);
    let other = "env:OTHER";
    // Each in turn is what the server has learnt and repeats: those of the vendor know each other.
    for (access, refresh, client, first) in [
        (SECRET, "another-refresh-token", other, other),
        ("another-access-token", SECRET, other, other),
        ("another-access-token", "another-refresh-token", "env:CANARY", other),
        ("another-access-token", "another-refresh-token", other, "env:CANARY"),
    ] {
        let (server, issuer) = (parrot(SECRET).await, issuer(access, refresh).await);
        let folder = tempfile::tempdir().unwrap();
        let (target, client) = (server.uri(), format!("an-id:{client}"));
        let words = ["test", &target, "okta/spec", "--timeout", "5s", "--settle", "0", "--oauth-token-url"];
        let sign_in = [&issuer.uri(), "--oauth-client", &client, "--oauth-refresh-token", first];
        let arguments = words.iter().chain(&sign_in).chain(REPORTS).map(|word| (*word).to_owned()).collect();
        let output = run(folder.path(), arguments).await;
        assert!(matches!(output.status.code(), Some(1 | 6)), "{}", String::from_utf8_lossy(&output.stderr));
        let bearer = format!("Bearer {access}");
        let has_token = |request: &Request| request.headers.get("authorization").is_some_and(|value| *value == *bearer);
        assert!(server.received_requests().await.unwrap().iter().any(has_token), "the token was sent");
        search(&output, folder.path(), &wanted);
    }
}

#[test]
fn a_secret_in_a_base_url_is_neither_sent_nor_repeated() {
    let plain = "Kanarien-Vogel-7qZw";
    for url in [format!("http://user:{plain}@127.0.0.1:1/scim"), format!("http://127.0.0.1:1/scim?token={plain}")] {
        let folder = tempfile::tempdir().unwrap();
        for command in [vec!["test"], vec!["fuzz"], vec!["doctor"], vec!["okta", "run", "lucy"]] {
            let output = Command::new(env!("CARGO_BIN_EXE_rehearsal"))
                .current_dir(folder.path())
                .args(command)
                .arg(&url)
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(2));
            let said = [output.stdout, output.stderr].concat();
            assert!(!String::from_utf8_lossy(&said).contains(plain), "{}", String::from_utf8_lossy(&said));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_that_a_server_hands_out_is_followed_elsewhere() {
    let elsewhere = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&elsewhere).await;
    let server = MockServer::start().await;
    let trap = elsewhere.uri();
    let answer = move |request: &Request| {
        let mut body: Value = serde_json::from_slice(&request.body).unwrap_or(json!({}));
        if !body.is_object() {
            body = json!({});
        }
        body["id"] = json!(format!("{trap}/Users/1"));
        body["meta"] = json!({ "resourceType": "User", "location": format!("{trap}/Users/1") });
        body["$ref"] = json!(format!("{trap}/Users/1"));
        body["next"] = json!(format!("{trap}/Users?startIndex=2"));
        body["nextCursor"] = json!(format!("{trap}/Users?cursor=2"));
        body["totalResults"] = json!(2);
        body["Resources"] =
            json!([{ "id": format!("{trap}/Users/1"), "members": [{ "$ref": format!("{trap}/Users/2") }] }]);
        let status = match request.method.as_str() {
            "POST" => 201,
            "GET" if request.url.path().contains("Me") => 308,
            _ => 200,
        };
        ResponseTemplate::new(status)
            .insert_header("location", format!("{trap}/Users/1"))
            .insert_header("link", format!("<{trap}/Users?page=2>; rel=\"next\""))
            .set_body_json(body)
    };
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let words = ["test", &server.uri(), "okta/spec", "okta/users", "okta/import", "rfc7644/me", "rfc9865", "--bearer"];
    let arguments = words.iter().chain(&["env:CANARY", "--timeout", "5s", "--settle", "0"]);
    let output = run(folder.path(), arguments.map(|word| (*word).to_owned()).collect()).await;
    assert!(!server.received_requests().await.unwrap().is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}
