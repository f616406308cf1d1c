//! Authentication, media types, errors and everything else around a request.

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::client::{Client, ada};

#[tokio::test]
async fn strangers_get_401_with_an_error_and_the_scheme() {
    let client = Client::start(1, &[]).await;
    for token in ["", "non-token", "Bearer wrong", "Basic eDp5"] {
        for (method, target) in [("GET", "/Users"), ("POST", "/Users"), ("DELETE", "/Users/x"), ("GET", "/nowhere")] {
            let answer = client.with(("authorization", token), method, target, Value::Null).await;
            answer.refused(401, "");
            assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="scim""#);
        }
    }
    let open = client.with(("authorization", ""), "GET", "/ServiceProviderConfig", Value::Null).await;
    assert_eq!(open.status, 200);
}

#[tokio::test]
async fn unknown_paths_are_404_and_undefined_methods_405() {
    let client = Client::start(0, &[]).await;
    client.get("/Widgets").await.refused(404, "");
    client.get("/Users/a/b").await.refused(404, "");
    client.get("/users").await.refused(404, "");
    for (method, target, allowed) in [
        ("PUT", "/Users", "GET, HEAD, POST"),
        ("POST", "/Users/x", "GET, HEAD, PUT, PATCH, DELETE"),
        ("DELETE", "/Schemas", "GET, HEAD"),
        ("POST", "/ServiceProviderConfig", "GET, HEAD"),
        ("GET", "/Users/.search", "POST"),
        ("OPTIONS", "/Groups", "GET, HEAD, POST"),
    ] {
        let answer = client.with(("x-nothing", ""), method, target, Value::Null).await;
        answer.refused(405, "");
        assert_eq!(answer.header("allow"), allowed, "{method} {target}");
    }
}

#[tokio::test]
async fn me_is_501_where_a_token_stands_for_nobody() {
    let client = Client::start(0, &[]).await;
    client.get("/Me").await.refused(501, "");
}

#[tokio::test]
async fn bodies_that_are_no_json_object_are_invalid_syntax() {
    let client = Client::start(0, &[]).await;
    let duplicate = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a","userName":"b"}"#;
    for body in ["", "{", "[]", "\"x\"", "nonsense", "\u{feff}{}", duplicate] {
        let answer = client.send("POST", "/Users", client.headers.clone(), body.to_owned()).await;
        answer.refused(400, "invalidSyntax");
    }
    assert_eq!(client.get("/Users").await.json["totalResults"], 0);
}

#[tokio::test]
async fn both_json_media_types_are_taken_and_others_refused() {
    let client = Client::start(0, &[]).await;
    let table = [
        ("application/scim+json", 201),
        ("application/json", 201),
        ("Application/SCIM+JSON; charset=UTF-8", 201),
        ("application/json;charset=\"utf-8\"", 201),
        ("", 201),
        ("text/xml", 415),
        ("application/scim+json; charset=utf-16", 415),
    ];
    for (at, (media_type, status)) in table.into_iter().enumerate() {
        let answer = client.with(("content-type", media_type), "POST", "/Users", ada(&format!("u{at}"))).await;
        assert_eq!(answer.status, status, "{media_type}: {}", answer.text);
        assert_eq!(answer.header("content-type"), "application/scim+json");
    }
}

#[tokio::test]
async fn accept_chooses_between_the_two_json_media_types() {
    let client = Client::start(0, &[]).await;
    let scim = "application/scim+json";
    let table = [
        ("application/scim+json; charset=utf-8", scim),
        ("*/*", scim),
        ("", scim),
        ("text/html", scim),
        ("application/json", "application/json"),
        ("application/json, application/scim+json", scim),
    ];
    for (accept, media_type) in table {
        let answer = client.with(("accept", accept), "GET", "/Users", Value::Null).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, media_type), "{accept}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413() {
    let client = Client::start(0, &[]).await;
    let mut body = ada("ada");
    body["title"] = "x".repeat(2 << 20).into();
    client.post("/Users", body).await.refused(413, "");
    assert_eq!(client.get("/Users").await.status, 200);
}

#[tokio::test]
async fn hostile_requests_are_answered_4xx() {
    let client = Client::start(3, &[]).await;
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    let answer = client.send("POST", "/Users", client.headers.clone(), deep).await;
    assert_eq!(answer.status, 400);
    let parentheses = format!("/Users?filter={}userName%20pr{}", "(".repeat(500), ")".repeat(500));
    client.get(&parentheses).await.refused(400, "invalidFilter");
    let chain = format!("/Users?filter={}title%20pr", "title%20pr%20and%20".repeat(600));
    assert_eq!(client.get(&chain).await.status, 200);
    client.get("/Users?filter=userName%20eq%20%22%FF%22").await.refused(400, "invalidValue");
    client.get("/Users/%00").await.refused(404, "");
    client.get("/Users/..%2F..%2Fetc").await.refused(404, "");
}

#[tokio::test]
async fn locations_follow_the_host_the_client_used() {
    let client = Client::start(1, &[]).await;
    let mut headers = HeaderMap::new();
    headers.insert("authorization", client.headers["authorization"].clone());
    headers.insert("host", "scim.example.com:8443".parse().unwrap());
    let answer = client.send("GET", "/Users?count=1", headers, String::new()).await;
    let location = answer.json["Resources"][0]["meta"]["location"].as_str().unwrap();
    assert!(location.starts_with("http://scim.example.com:8443/scim/v2/Users/"), "{location}");
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let client = Client::start(1, &[]).await;
    let answer = client.with(("x-nothing", ""), "HEAD", "/Users", Value::Null).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
}
