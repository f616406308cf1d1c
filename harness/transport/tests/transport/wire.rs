//! What really goes over the wire, byte for byte, and what comes back from servers that behave.

use crate::server::{Answer, Server, answer, both_ways, get, ok, quick, request, run};
use flate2::Compression;
use flate2::write::GzEncoder;
use scim_record::{Failure, Redactor};
use scim_transport::{Auth, Credentials, Request, Secret, Target, Transport};
use std::io::Write;
use std::time::Duration;
use wiremock::matchers::{header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn okta_headers(with_content_type: bool) -> Vec<(String, String)> {
    let content_type = ("Content-Type", "application/scim+json; charset=utf-8");
    let mut headers = vec![("Accept", "application/scim+json"), ("Accept-Charset", "utf-8")];
    headers.extend(with_content_type.then_some(content_type));
    headers.push(("User-Agent", "Okta SCIM Client 1.0.0"));
    headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Two targets, of which reqwest would change the second.
const ORDINARY_AND_ODD: [&str; 2] = ["/Users", "/Users/../Users?x='"];

fn bearer() -> Credentials {
    Credentials::Bearer(Secret::new("canary-token"))
}

#[test]
fn a_post_goes_out_in_oktas_order_and_spelling() {
    for target in ORDINARY_AND_ODD {
        run(async {
            let server = Server::start(vec![Answer::Keep(ok())]).await;
            let body = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"é"}"#;
            let transport = server.transport_with(bearer(), quick());
            let post = Request {
                headers: okta_headers(true),
                body: Some(body.as_bytes().to_vec()),
                ..request("POST", target)
            };
            transport.send("assign", post).await.reply.unwrap();
            let expected = format!(
                "POST /scim/v2{target} HTTP/1.1\r\n\
                 Accept: application/scim+json\r\n\
                 Accept-Charset: utf-8\r\n\
                 Content-Type: application/scim+json; charset=utf-8\r\n\
                 User-Agent: Okta SCIM Client 1.0.0\r\n\
                 Authorization: Bearer canary-token\r\n\
                 Content-Length: {}\r\n\
                 Host: {}\r\n\
                 Connection: Keep-Alive\r\n\
                 Accept-Encoding: gzip,deflate\r\n\
                 \r\n\
                 {body}",
                body.len(),
                server.host(),
            );
            assert_eq!(server.text(), expected);
        });
    }
}

#[test]
fn a_request_without_body_has_no_content_length() {
    let requests = [("GET", false), ("DELETE", true), ("POST", true)];
    let requests = requests.into_iter().flat_map(|request| ORDINARY_AND_ODD.map(|target| (request, target)));
    for ((method, with_content_type), target) in requests {
        run(async {
            let server = Server::start(vec![Answer::Keep(ok())]).await;
            let request = Request { headers: okta_headers(with_content_type), ..request(method, target) };
            server.transport_with(bearer(), quick()).send("step", request).await.reply.unwrap();
            let content_type = match with_content_type {
                true => "Content-Type: application/scim+json; charset=utf-8\r\n",
                false => "",
            };
            let expected = format!(
                "{method} /scim/v2{target} HTTP/1.1\r\n\
                 Accept: application/scim+json\r\n\
                 Accept-Charset: utf-8\r\n\
                 {content_type}\
                 User-Agent: Okta SCIM Client 1.0.0\r\n\
                 Authorization: Bearer canary-token\r\n\
                 Host: {}\r\n\
                 Connection: Keep-Alive\r\n\
                 Accept-Encoding: gzip,deflate\r\n\
                 \r\n",
                server.host(),
            );
            assert_eq!(server.text(), expected);
        });
    }
}

#[test]
fn the_record_shows_the_request_as_it_went_out_but_for_the_token() {
    run(async {
        let server = Server::start(vec![Answer::Keep(ok())]).await;
        let post = Request {
            headers: okta_headers(true),
            body: Some(br#"{"password":"pw","a":1}"#.to_vec()),
            ..request("POST", "/Users")
        };
        let sent = server.transport_with(bearer(), quick()).send("assign", post).await;
        let record = sent.exchange.request;
        let head: String = record.headers.iter().map(|h| format!("{}: {}\r\n", h.name, h.value)).collect();
        let on_wire = server.text();
        let (on_wire, _) = on_wire.split_once("\r\n\r\n").unwrap();
        let on_wire = on_wire.replace("canary-token", "[redacted]");
        assert_eq!(format!("POST /scim/v2/Users HTTP/1.1\r\n{}", head.trim_end()), on_wire);
        assert_eq!(record.url, format!("{}/Users", server.base_url));
        assert_eq!(record.body.unwrap(), r#"{"password":"[redacted]","a":1}"#);
        assert_eq!(sent.exchange.step, "assign");
        assert!(sent.exchange.failure.is_none());
    });
}

#[test]
fn a_target_goes_out_byte_for_byte() {
    for target in [
        "",
        "?startIndex=1&count=100",
        "/Users?filter=userName%20eq%20%22a%40b%22&startIndex=1&count=100",
        "/Users?filter=userName+eq+%22o'brien%22",
        "/Users/../Groups/%2e%2E/x",
        "/Users//a;b=c/%zz?x=|{}^`\\~",
        "/Users?x=%",
        "/Users?",
    ] {
        for request in both_ways(get(target)) {
            run(async {
                let server = Server::start(vec![Answer::Keep(ok())]).await;
                let sent = server.transport().send("step", request).await;
                assert!(sent.reply.is_ok(), "{target}: {sent:?}");
                let line = format!("GET /scim/v2{target} HTTP/1.1\r\n");
                assert!(server.text().starts_with(&line), "{}", server.text());
            });
        }
    }
}

#[test]
fn a_request_that_reqwest_would_change_takes_another_connection_and_both_stay_open() {
    run(async {
        let server = Server::start((0..6).map(|_| Answer::Keep(ok())).collect()).await;
        let transport = server.transport();
        let odd = both_ways(get("/Users?x='"));
        for request in [both_ways(get("/Users")), odd].concat() {
            transport.send("step", request).await.reply.unwrap();
        }
        let connections: Vec<_> = server.asked().iter().map(|asked| asked.connection).collect();
        assert_eq!(connections, [0, 1, 1, 1]);
        assert_eq!(transport.requests_sent(), 4);
    });
}

#[test]
fn a_base_without_path_asks_for_the_root() {
    for (target, line) in [("", "GET / HTTP/1.1\r\n"), ("?x=1", "GET /?x=1 HTTP/1.1\r\n")] {
        for request in both_ways(get(target)) {
            run(async {
                let server = Server::start(vec![Answer::Keep(ok())]).await;
                let target = Target::parse(&format!("http://{}", server.host())).unwrap();
                let transport = Transport::new(target, Credentials::None, quick(), Redactor::default()).unwrap();
                assert!(transport.send("step", request).await.reply.is_ok());
                assert!(server.text().starts_with(line), "{}", server.text());
            });
        }
    }
}

#[test]
fn what_would_have_to_be_repaired_is_not_sent() {
    run(async {
        let server = Server::start(vec![]).await;
        let transport = server.transport();
        let with_header = |name: &str, value: &str| Request {
            headers: vec![(name.to_owned(), value.to_owned())],
            body: Some(b"12345".to_vec()),
            ..request("POST", "/Users")
        };
        let unsendable = [
            get("/Users?filter=userName eq \"a\""),
            get("/Users#top"),
            get("/Users\r\nX-Smuggled: 1"),
            get("Users"),
            get("@other.example/Users"),
            request("GET /", "/Users"),
            with_header("X-Break", "a\r\nb: c"),
            with_header("X Break", "a"),
            with_header("Content-Length", "4"),
        ];
        for request in unsendable.into_iter().flat_map(both_ways) {
            let sent = transport.send("step", request.clone()).await;
            let Err(Failure::Unreachable { cause }) = &sent.reply else { panic!("{request:?}: {sent:?}") };
            assert!(cause.starts_with("the request cannot be sent: "), "{cause}");
            assert_eq!(sent.exchange.failure.as_ref(), sent.reply.as_ref().err());
        }
        assert_eq!(transport.requests_sent(), 0);
        assert!(server.asked().is_empty());
    });
}

#[test]
fn every_kind_of_credentials_has_its_header() {
    let header = |name: &str| Credentials::Header { name: name.to_owned(), value: Secret::new("canary") };
    let basic = Credentials::Basic { user: "ada".into(), password: Secret::new("canary") };
    for (credentials, auth, expected) in [
        (Credentials::None, Auth::Configured, None),
        (bearer(), Auth::Configured, Some("Authorization: Bearer canary-token")),
        (bearer(), Auth::None, None),
        (bearer(), Auth::Raw("non-token".into()), Some("Authorization: non-token")),
        (header("Authorization"), Auth::Configured, Some("Authorization: canary")),
        (header("x-api-key"), Auth::Configured, Some("X-Api-Key: canary")),
        (header("x-api-key"), Auth::Raw("wrong".into()), Some("X-Api-Key: wrong")),
        (basic, Auth::Configured, Some("Authorization: Basic YWRhOmNhbmFyeQ==")),
    ] {
        run(async {
            let server = Server::start(vec![Answer::Keep(ok())]).await;
            let request = Request { headers: okta_headers(false), auth, ..get("/Users") };
            let sent = server.transport_with(credentials, quick()).send("step", request).await;
            assert!(sent.reply.is_ok());
            let text = server.text();
            let behind = text.lines().skip_while(|line| !line.starts_with("User-Agent")).nth(1);
            match expected {
                Some(line) => assert_eq!(behind, Some(line)),
                None => assert!(behind.unwrap().starts_with("Host: "), "{text}"),
            }
            assert!(!format!("{:?}", sent.exchange).contains("canary"), "{:?}", sent.exchange);
        });
    }
}

#[test]
fn a_wrong_token_is_test_data_and_stays_in_the_record() {
    run(async {
        let server = Server::start(vec![Answer::Keep(ok())]).await;
        let request = Request { auth: Auth::Raw("non-token".into()), ..get("/Users") };
        let sent = server.transport_with(bearer(), quick()).send("step", request).await;
        let headers = sent.exchange.request.headers;
        assert!(headers.iter().any(|h| h.name == "Authorization" && h.value == "non-token"), "{headers:?}");
    });
}

#[test]
fn a_header_the_sender_gives_stays_where_it_is_and_is_not_added_again() {
    run(async {
        let given = [
            "Accept-Encoding: identity",
            "Authorization: own",
            "Host: other.test",
            "Connection: close",
            "X-Odd: é",
            "Accept: */*",
            "Cookie: a=b",
            "Referer: there",
            "User-Agent: ",
        ];
        for given in [&given[..], &given[..5]] {
            let server = Server::start(vec![Answer::Keep(ok())]).await;
            let headers = given.iter().map(|line| line.split_once(": ").unwrap());
            let request = Request {
                headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
                ..get("/Users")
            };
            server.transport_with(bearer(), quick()).send("step", request).await.reply.unwrap();
            let expected = format!("GET /scim/v2/Users HTTP/1.1\r\n{}\r\n\r\n", given.join("\r\n"));
            assert_eq!(server.text(), expected);
        }
    });
}

#[test]
fn an_empty_body_is_a_body() {
    for request in both_ways(Request { body: Some(Vec::new()), ..request("PATCH", "/Users/1") }) {
        run(async {
            let server = Server::start(vec![Answer::Keep(ok())]).await;
            server.transport().send("step", request).await.reply.unwrap();
            assert!(server.text().contains("\r\nContent-Length: 0\r\n"), "{}", server.text());
        });
    }
}

#[test]
fn one_connection_serves_one_request_after_another() {
    for request in both_ways(get("/Users")) {
        run(async {
            let server = Server::start((0..3).map(|_| Answer::Keep(ok())).collect()).await;
            let transport = server.transport();
            for _ in 0..3 {
                transport.clone().send("step", request.clone()).await.reply.unwrap();
            }
            assert!(server.asked().iter().all(|asked| asked.connection == 0), "{:?}", server.asked());
            assert_eq!(transport.requests_sent(), 3);
        });
    }
}

/// Two equal requests after each other, in each of the two ways.
fn pairs<'a>(methods: &'a [&str]) -> impl Iterator<Item = (Request, Request)> + 'a {
    methods.iter().flat_map(|method| {
        let [ordinary, verbatim] = both_ways(get("/Users"));
        let [then_ordinary, then_verbatim] = both_ways(request(method, "/Users/1"));
        [(ordinary, then_ordinary), (verbatim, then_verbatim)]
    })
}

#[test]
fn a_connection_that_went_stale_is_no_failure_of_an_idempotent_request() {
    // The server reads the second request and ends, as one does whose idle limit ran out meanwhile.
    for end in [Answer::Close(Vec::new()), Answer::Reset(Vec::new())] {
        for (first, second) in pairs(&["GET", "PUT", "DELETE"]) {
            run(async {
                let server = Server::start(vec![Answer::Keep(ok()), end.clone(), Answer::Keep(ok())]).await;
                let transport = server.transport();
                transport.send("step", first).await.reply.unwrap();
                let sent = transport.send("step", second).await;
                assert!(sent.reply.is_ok(), "{sent:?}");
                let connections: Vec<_> = server.asked().iter().map(|asked| asked.connection).collect();
                assert_eq!(connections, [0, 0, 1]);
                assert_eq!(transport.requests_sent(), 3);
            });
        }
    }
}

#[test]
fn a_fresh_connection_behind_a_stale_one_is_the_last() {
    for (first, second) in pairs(&["GET"]) {
        run(async {
            let close = || Answer::Close(Vec::new());
            let server = Server::start(vec![Answer::Keep(ok()), close(), close(), Answer::Keep(ok())]).await;
            let transport = server.transport();
            transport.send("step", first).await.reply.unwrap();
            let sent = transport.send("step", second).await;
            assert!(matches!(sent.reply, Err(Failure::Broken { .. })), "{sent:?}");
            assert_eq!(transport.requests_sent(), 3);
        });
    }
}

#[test]
fn a_used_connection_on_which_nonsense_comes_is_not_stale() {
    for (first, second) in pairs(&["GET"]) {
        run(async {
            let nonsense = Answer::Close(b"<html>\r\n\r\n".to_vec());
            let server = Server::start(vec![Answer::Keep(ok()), nonsense, Answer::Keep(ok())]).await;
            let transport = server.transport();
            transport.send("step", first).await.reply.unwrap();
            let sent = transport.send("step", second).await;
            assert!(matches!(sent.reply, Err(Failure::Broken { .. })), "{sent:?}");
            assert_eq!(transport.requests_sent(), 2);
        });
    }
}

#[test]
fn a_request_that_may_have_taken_effect_is_not_repeated() {
    for (first, second) in pairs(&["POST", "PATCH"]) {
        run(async {
            let server = Server::start(vec![Answer::Keep(ok()), Answer::Close(Vec::new())]).await;
            let transport = server.transport();
            transport.send("step", first).await.reply.unwrap();
            let sent = transport.send("step", second).await;
            assert!(matches!(sent.reply, Err(Failure::Broken { .. })), "{sent:?}");
            assert_eq!(transport.requests_sent(), 2);
        });
    }
}

#[test]
fn a_fresh_connection_that_closes_is_broken_and_not_tried_again() {
    for request in both_ways(get("/Users")) {
        run(async {
            let server = Server::start(vec![Answer::Close(Vec::new())]).await;
            let transport = server.transport();
            let sent = transport.send("step", request).await;
            assert!(matches!(sent.reply, Err(Failure::Broken { .. })), "{sent:?}");
            assert_eq!((transport.requests_sent(), server.asked().len()), (1, 1));
        });
    }
}

#[test]
fn a_connection_closed_between_requests_is_replaced_even_for_post() {
    for (first, second) in pairs(&["POST"]) {
        run(async {
            let server = Server::start(vec![Answer::Close(ok()), Answer::Keep(ok())]).await;
            let transport = server.transport();
            transport.send("step", first).await.reply.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
            transport.send("step", second).await.reply.unwrap();
            assert_eq!(server.asked()[1].connection, 1);
            assert_eq!(transport.requests_sent(), 2);
        });
    }
}

#[test]
fn a_connection_idle_for_longer_than_servers_keep_it_is_not_used_again() {
    run(async {
        let server = Server::start((0..4).map(|_| Answer::Keep(ok())).collect()).await;
        let transport = server.transport();
        for pause in [1600, 0] {
            for request in both_ways(request("POST", "/Users")) {
                transport.send("step", request).await.reply.unwrap();
            }
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        let connections: Vec<_> = server.asked().iter().map(|asked| asked.connection).collect();
        assert_eq!(connections, [0, 1, 2, 3]);
    });
}

#[test]
fn a_redirect_is_an_answer_and_is_not_followed() {
    for request in both_ways(get("/Users")) {
        run(async {
            let elsewhere = Server::start(vec![Answer::Keep(ok())]).await;
            let location = format!("Location: {}\r\nSet-Cookie: a=b\r\n", elsewhere.base_url);
            let redirect = answer("307 Temporary Redirect", &location, b"");
            let server = Server::start(vec![Answer::Keep(redirect), Answer::Keep(ok())]).await;
            let transport = server.transport();
            let reply = transport.send("step", request.clone()).await.reply.unwrap();
            assert_eq!((reply.status, &*reply.reason), (307, "Temporary Redirect"));
            assert!(elsewhere.asked().is_empty());

            transport.send("step", request).await.reply.unwrap();
            assert!(!server.asked()[1].text.contains("Cookie"), "cookies are not kept");
        });
    }
}

#[test]
fn a_redirect_to_anywhere_is_an_answer() {
    let locations =
        ["", "//[", "mailto:a@b", "urn:x:y", "localhost:80", "data:,x", "file:///x", "http://", "\u{ff}", "*"];
    let answers =
        locations.into_iter().flat_map(|location| ["301 A", "303 B", "308 C"].map(|status| (location, status)));
    for (location, status) in answers {
        for request in both_ways(Request { body: Some(b"{}".to_vec()), ..request("POST", "/Users") }) {
            run(async {
                let redirect = answer(status, &format!("Location: {location}\r\n"), b"there");
                let server = Server::start(vec![Answer::Keep(redirect)]).await;
                let reply = server.transport().send("step", request).await.reply.unwrap();
                assert_eq!((&*reply.reason, &*reply.body), (&status[4..], b"there".as_slice()), "{location}");
                assert_eq!(reply.headers["location"].as_bytes(), location.as_bytes());
            });
        }
    }
}

#[test]
fn the_reason_phrase_is_the_servers_own() {
    for (status, code, reason) in [("404 User Gone", 404, "User Gone"), ("200 ", 200, ""), ("299 Odd", 299, "Odd")] {
        for request in both_ways(get("/Users")) {
            run(async {
                let server = Server::start(vec![Answer::Keep(answer(status, "", b""))]).await;
                let sent = server.transport().send("step", request).await;
                let reply = sent.reply.unwrap();
                assert_eq!((reply.status, &*reply.reason), (code, reason));
                assert_eq!(sent.exchange.response.unwrap().reason, reason);
            });
        }
    }
}

#[test]
fn a_compressed_body_is_decoded_and_its_header_stays() {
    let text = br#"{"totalResults":0}"#.repeat(10);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&text).unwrap();
    let compressed = answer("200 OK", "Content-Encoding: gzip\r\n", &encoder.finish().unwrap());
    for request in both_ways(get("/Users")) {
        run(async {
            let server = Server::start(vec![Answer::Keep(compressed.clone())]).await;
            let sent = server.transport().send("step", request).await;
            let reply = sent.reply.unwrap();
            assert_eq!(reply.body, text);
            assert_eq!(reply.headers["content-encoding"], "gzip");
            assert_eq!(sent.exchange.response.unwrap().size, text.len());
        });
    }
}

#[test]
fn answers_without_a_body_are_complete() {
    for (method, raw) in [
        ("DELETE", b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()),
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nContent-Encoding: gzip\r\n\r\n".to_vec()),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n".to_vec()),
        ("GET", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec()),
    ] {
        for request in both_ways(request(method, "/Users/1")) {
            run(async {
                let server = Server::start(vec![Answer::Keep(raw.clone())]).await;
                let reply = server.transport().send("step", request).await.reply.unwrap();
                assert!(reply.body.is_empty());
            });
        }
    }
}

#[test]
fn a_large_body_is_whole_in_the_reply_and_cut_in_the_record() {
    for request in both_ways(get("/Users")) {
        run(async {
            let body = vec![b'x'; 500_000];
            let server = Server::start(vec![Answer::Keep(answer("200 OK", "", &body))]).await;
            let limits = scim_transport::Limits { max_body: 1_000_000, ..quick() };
            let sent = server.transport_with(Credentials::None, limits).send("step", request).await;
            assert_eq!(sent.reply.unwrap().body.len(), 500_000);
            let response = sent.exchange.response.unwrap();
            assert_eq!(response.size, 500_000);
            assert!(response.body.len() < 300_000 && response.body.ends_with("more bytes are not recorded]"));
        });
    }
}

#[test]
fn the_clock_tells_headers_from_the_whole() {
    for request in both_ways(get("/Users")) {
        run(async {
            let head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{".to_vec();
            let server = Server::start(vec![Answer::Forever(head, b"}".to_vec(), Duration::from_millis(60))]).await;
            let before = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
            let timing = server.transport().send("step", request).await.exchange.timing;
            assert!(u128::try_from(timing.started_ms).unwrap() >= before);
            assert!(timing.headers_ms > 0.0 && timing.headers_ms + 30.0 < timing.total_ms, "{timing:?}");
        });
    }
}

#[test]
fn an_ordinary_server_is_understood() {
    run(async {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .and(path("/scim/v2/Users"))
            .and(query_param("filter", "userName eq \"a@b\""))
            .and(header("authorization", "Bearer canary-token"))
            .and(header("connection", "Keep-Alive"))
            .respond_with(
                ResponseTemplate::new(200)
                    .insert_header("ETag", "W/\"1\"")
                    .set_body_raw(r#"{"totalResults":0}"#, "application/scim+json"),
            )
            .expect(2)
            .mount(&server)
            .await;
        let target = Target::parse(&format!("{}/scim/v2/", server.uri())).unwrap();
        let transport = Transport::new(target, bearer(), quick(), Redactor::default()).unwrap();
        for _ in 0..2 {
            let target = "/Users?filter=userName%20eq%20%22a%40b%22&startIndex=1&count=100";
            let request = Request { headers: okta_headers(false), ..get(target) };
            let sent = transport.send("step 1", request).await;
            let response = sent.exchange.response.unwrap();
            assert_eq!(response.body, r#"{"totalResults":0}"#);
            assert!(response.headers.iter().any(|h| h.name == "etag" && h.value == "W/\"1\""));
            assert_eq!(sent.reply.unwrap().headers["content-type"], "application/scim+json");
        }
        assert_eq!(transport.requests_sent(), 2);
    });
}

#[test]
fn requests_at_the_same_time_do_not_mix() {
    run(async {
        let server = MockServer::start().await;
        for user in 0..20 {
            Mock::given(path(format!("/Users/{user}")))
                .respond_with(ResponseTemplate::new(200).set_body_string(user.to_string()))
                .mount(&server)
                .await;
        }
        let target = Target::parse(&server.uri()).unwrap();
        let transport = Transport::new(target, Credentials::None, quick(), Redactor::default()).unwrap();
        let tasks: Vec<_> = (0..20)
            .map(|user| {
                let transport = transport.clone();
                let [ordinary, verbatim] = both_ways(get(&format!("/Users/{user}")));
                let request = if user % 2 == 0 { ordinary } else { verbatim };
                tokio::spawn(async move { transport.send("step", request).await })
            })
            .collect();
        for (user, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.unwrap().reply.unwrap().body, user.to_string());
        }
        assert_eq!(transport.requests_sent(), 20);
    });
}
