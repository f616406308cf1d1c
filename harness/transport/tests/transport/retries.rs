//! What is sent again when a connection fails, and what never is.

use crate::server::{Answer, Server, answer, both_ways, get, ok, quick, request, run};
use scim_record::{Failure, Redactor};
use scim_transport::{Credentials, Limits, Sent, Target, Transport};
use std::time::Duration;

fn patient(retries: u32) -> Limits {
    Limits { timeout: Duration::from_secs(5), connect_timeout: Duration::from_secs(2), retries, ..quick() }
}

/// Sends a request to a server that resets or closes as often as told, and then answers; returns what came of it, and
/// how often the server was asked.
async fn send(method: &str, first: Vec<Answer>, retries: u32) -> Vec<(Sent, usize, u64)> {
    let mut all = Vec::new();
    for request in both_ways(request(method, "/Users")) {
        let server = Server::start([first.clone(), vec![Answer::Keep(ok())]].concat()).await;
        let transport = server.transport_with(Credentials::None, patient(retries));
        let sent = transport.send("step", request).await;
        all.push((sent, server.asked().len(), transport.retries()));
    }
    all
}

#[test]
fn without_retries_a_dropped_connection_is_a_failure() {
    run(async {
        for (sent, asked, retries) in send("GET", vec![Answer::Reset(Vec::new())], 0).await {
            assert!(matches!(sent.reply, Err(Failure::Broken { .. })), "{:?}", sent.reply);
            assert_eq!((asked, sent.retries, retries), (1, 0, 0));
        }
    });
}

#[test]
fn an_idempotent_request_is_sent_again_and_counted() {
    run(async {
        for method in ["GET", "PUT", "DELETE"] {
            let first = vec![Answer::Reset(Vec::new()), Answer::Close(Vec::new())];
            for (sent, asked, retries) in send(method, first, 3).await {
                assert_eq!(sent.reply.expect("the third is answered").status, 200, "{method}");
                assert_eq!((asked, sent.retries, retries), (3, 2, 2), "{method}");
            }
        }
    });
}

#[test]
fn what_may_have_taken_effect_is_never_sent_again() {
    run(async {
        for method in ["POST", "PATCH"] {
            for (sent, asked, _) in send(method, vec![Answer::Reset(Vec::new())], 3).await {
                assert!(matches!(sent.reply, Err(Failure::Broken { .. })), "{method}: {:?}", sent.reply);
                assert_eq!(asked, 1, "{method}");
            }
        }
    });
}

#[test]
fn an_answer_is_never_a_reason_to_ask_again() {
    run(async {
        let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".to_vec();
        for first in [Answer::Keep(answer("503 Service Unavailable", "", b"")), Answer::Reset(cut)] {
            for (sent, asked, _) in send("GET", vec![first], 3).await {
                assert_eq!((asked, sent.retries), (1, 0), "{:?}", sent.reply);
            }
        }
    });
}

#[test]
fn a_refused_connection_is_tried_again_whatever_the_method_and_stays_unreachable() {
    run(async {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}/scim", listener.local_addr().unwrap());
        drop(listener);
        let target = Target::parse(&base_url).unwrap();
        let transport = Transport::new(target, Credentials::None, patient(2), Redactor::default()).unwrap();
        let sent = transport.send("step", request("POST", "/Users")).await;
        assert!(matches!(sent.reply, Err(Failure::Unreachable { .. })), "{:?}", sent.reply);
        assert_eq!((sent.retries, transport.requests_sent()), (2, 0));
    });
}

#[test]
fn retries_end_before_the_time_does() {
    run(async {
        let server = Server::start(vec![Answer::Reset(Vec::new()); 20]).await;
        let limits = Limits { retries: 20, ..quick() };
        let sent = server.transport_with(Credentials::None, limits).send("step", get("/Users")).await;
        assert!(matches!(sent.reply, Err(Failure::Broken { .. })), "{:?}", sent.reply);
        assert!((1..5).contains(&sent.retries), "{}", sent.retries);
    });
}
