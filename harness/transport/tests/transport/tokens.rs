//! Tokens that replace each other, on real sockets: what is sent again, with what, and what the evidence says.

use crate::server::{Answer, Server, answer, get, ok, quick};
use scim_record::{Failure, Learnt};
use scim_transport::{Auth, Credentials, NoToken, Renewal, Request, Secret, Token, Tokens};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn refused() -> Answer {
    Answer::Keep(answer("401 Unauthorized", "", b"{\"detail\":\"old-canary and new-canary\"}"))
}

fn token(text: &str) -> Token {
    Token { secret: Secret::new(text), lifetime: None }
}

/// Begins with a token and renews it once, if at all; counts how often that is asked for.
fn credentials(next: Option<&'static str>) -> (Credentials, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let renew = move || -> Renewal {
        count.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            let over = || NoToken { reason: "the session is over: new-canary".to_owned(), is_final: true };
            next.map(token).ok_or_else(over)
        })
    };
    let tokens = Tokens::new(token("old-canary"), Learnt::default(), Some(Box::new(renew))).unwrap();
    tokens.learnt().keep("new-canary");
    (Credentials::Renewed(tokens), asked)
}

#[tokio::test]
async fn a_request_that_is_refused_goes_out_once_more_with_the_next_token() {
    let (credentials, asked) = credentials(Some("new-canary"));
    let server = Server::start(vec![refused(), Answer::Keep(ok()), Answer::Keep(ok())]).await;
    let transport = server.transport_with(credentials, quick());
    let sent = transport.send("step", get("/Users")).await;
    assert_eq!(sent.reply.unwrap().status, 200);
    assert_eq!((transport.requests_sent(), sent.retries), (2, 0));
    assert_eq!(transport.ask(&get("/Users")).await.unwrap().status, 200);
    let shown: Vec<bool> = server.asked().iter().map(|asked| asked.text.contains("Bearer new-canary")).collect();
    assert_eq!(shown, [false, true, true]);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    let evidence = format!("{:?}{transport:?}", sent.exchange);
    assert!(evidence.contains("Bearer [redacted]") && !evidence.contains("canary"), "{evidence}");
}

#[tokio::test]
async fn a_refusal_that_is_repeated_is_the_answer() {
    let (credentials, asked) = credentials(Some("new-canary"));
    let server = Server::start(vec![refused(), refused()]).await;
    let sent = server.transport_with(credentials, quick()).send("step", get("/Users")).await;
    assert_eq!(sent.reply.unwrap().status, 401);
    let evidence = format!("{:?}", sent.exchange);
    assert!(!evidence.contains("canary"), "{evidence}");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn whoever_comes_as_somebody_else_is_refused_and_renews_nothing() {
    let (credentials, asked) = credentials(Some("new-canary"));
    let own = vec![("authorization".to_owned(), "own".to_owned())];
    let requests = [
        Request { auth: Auth::None, ..get("/Users") },
        Request { auth: Auth::Raw("Bearer wrong".to_owned()), ..get("/Users") },
        Request { headers: own, ..get("/Users") },
    ];
    let server = Server::start(requests.iter().map(|_| refused()).collect()).await;
    let transport = server.transport_with(credentials, quick());
    for request in requests {
        assert_eq!(transport.send("step", request).await.reply.unwrap().status, 401);
    }
    assert_eq!((server.asked().len(), asked.load(Ordering::Relaxed)), (3, 0));
}

#[tokio::test]
async fn a_session_that_is_over_is_no_answer_of_the_server() {
    let (credentials, asked) = credentials(None);
    let server = Server::start(vec![refused(), refused()]).await;
    let transport = server.transport_with(credentials, quick());
    let sent = transport.send("step", get("/Users")).await;
    assert!(sent.exchange.response.is_none() && sent.exchange.failure.is_some());
    let asked_for = transport.ask(&get("/Users")).await;
    for failure in [sent.reply.unwrap_err(), asked_for.unwrap_err()] {
        assert!(matches!(failure, Failure::Unreachable { .. }), "{failure}");
        let told = failure.to_string();
        assert!(told.contains("cannot be renewed: the session is over: [redacted]"), "{told}");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}
