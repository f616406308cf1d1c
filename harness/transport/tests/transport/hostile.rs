//! Servers that would hang, flood or crash a careless client.

use crate::server::{Answer, Server, answer, both_ways, get, ok, quick, run};
use flate2::Compression;
use flate2::write::GzEncoder;
use scim_record::{Failure, Redactor};
use scim_transport::{Credentials, Limits, Sent, Target, Transport};
use std::io::Write;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

/// Asks once in each way and returns what came of it; the script names what the server does.
fn ask(script: Answer) -> [Sent; 2] {
    both_ways(get("/Users")).map(|request| {
        let script = vec![script.clone()];
        run(async { Server::start(script).await.transport().send("step", request).await })
    })
}

/// Asks a base URL that no scripted server stands behind.
async fn ask_at(base: &str) -> ([Sent; 2], Transport) {
    let target = Target::parse(base).unwrap();
    let transport = Transport::new(target, Credentials::None, quick(), Redactor::default()).unwrap();
    let [ordinary, verbatim] = both_ways(get("/Users"));
    ([transport.send("step", ordinary).await, transport.send("step", verbatim).await], transport)
}

fn assert_too_large(sent: &[Sent]) {
    for sent in sent {
        assert!(matches!(sent.reply, Err(Failure::TooLarge { .. })), "{:?}", sent.reply);
        assert_eq!(sent.exchange.failure.as_ref(), sent.reply.as_ref().err());
        assert!(sent.exchange.response.is_none());
    }
}

fn assert_timed_out(sent: &[Sent]) {
    for sent in sent {
        assert_eq!(sent.reply.as_ref().err(), Some(&Failure::TimedOut { after_ms: 400 }));
        assert!(sent.exchange.timing.total_ms >= 400.0, "{:?}", sent.exchange.timing);
    }
}

fn assert_broken(sent: &[Sent], part: &str) {
    for sent in sent {
        let Err(Failure::Broken { cause }) = &sent.reply else { panic!("{:?}", sent.reply) };
        assert!(cause.contains(part), "{cause}");
    }
    assert_eq!(sent[0].reply, sent[1].reply, "both ways say the same");
}

fn assert_unreachable(sent: &[Sent], part: &str) {
    for sent in sent {
        let Err(Failure::Unreachable { cause }) = &sent.reply else { panic!("{:?}", sent.reply) };
        assert!(cause.contains(part), "{cause}");
    }
    assert_eq!(sent[0].reply, sent[1].reply, "both ways say the same");
}

#[test]
fn an_endless_body_ends_at_the_limit() {
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let chunk = [b"1000\r\n".as_slice(), &[b'x'; 4096], b"\r\n"].concat();
    assert_too_large(&ask(Answer::Forever(chunked, chunk, Duration::ZERO)));

    let until_close = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    assert_too_large(&ask(Answer::Forever(until_close, vec![b'x'; 4096], Duration::ZERO)));
}

#[test]
fn a_body_announced_as_too_long_is_not_read() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n".to_vec();
    for sent in ask(Answer::Keep(head)) {
        assert!(matches!(sent.reply, Err(Failure::TooLarge { .. } | Failure::Broken { .. })), "{:?}", sent.reply);
    }
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n".to_vec();
    assert_too_large(&ask(Answer::Keep(head)));
}

#[test]
fn a_gzip_bomb_ends_at_the_limit() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..1024 {
        encoder.write_all(&[0; 8192]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 16 * 1024);
    assert_too_large(&ask(Answer::Keep(answer("200 OK", "Content-Encoding: gzip\r\n", &bomb))));
}

#[test]
fn a_slow_drip_in_the_body_times_out() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".to_vec();
    assert_timed_out(&ask(Answer::Forever(head, b" ".to_vec(), Duration::from_millis(50))));
}

#[test]
fn a_slow_drip_in_the_head_times_out() {
    let line = b"HTTP/1.1 200 OK\r\n".to_vec();
    assert_timed_out(&ask(Answer::Forever(line, b"X-A: b\r\n".to_vec(), Duration::from_millis(50))));
}

#[test]
fn silence_times_out() {
    assert_timed_out(&ask(Answer::Keep(Vec::new())));
}

#[test]
fn interim_responses_without_end_time_out() {
    let interim = b"HTTP/1.1 102 Processing\r\n\r\n".to_vec();
    assert_timed_out(&ask(Answer::Forever(interim.clone(), interim, Duration::from_millis(5))));
}

#[test]
fn a_body_shorter_than_announced_is_broken() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":".to_vec();
    assert_broken(&ask(Answer::Close(cut)), "after status 200");
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n".to_vec();
    assert_broken(&ask(Answer::Close(chunked)), "after status 200");
}

#[test]
fn a_body_longer_than_announced_does_not_spoil_the_next_answer() {
    for request in both_ways(get("/Users")) {
        run(async {
            let long = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}{\"smuggled\":true}".to_vec();
            let server = Server::start(vec![Answer::Keep(long), Answer::Keep(ok())]).await;
            let transport = server.transport();
            for _ in 0..2 {
                assert_eq!(transport.send("step", request.clone()).await.reply.unwrap().body, "{}");
            }
        });
    }
}

#[test]
fn a_reset_is_broken_before_and_amid_the_body() {
    assert_broken(&ask(Answer::Reset(Vec::new())), "");
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":".to_vec();
    assert_broken(&ask(Answer::Reset(cut)), "after status 200");
}

#[test]
fn ten_thousand_headers_are_too_many() {
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(10_000));
    assert_too_large(&ask(Answer::Keep(many.into_bytes())));
    let endless = b"HTTP/1.1 200 OK\r\n".to_vec();
    assert_too_large(&ask(Answer::Forever(endless, b"X-A: bcdefgh\r\n".repeat(100), Duration::ZERO)));
}

#[test]
fn one_header_without_end_is_too_large() {
    let head = b"HTTP/1.1 200 OK\r\nX-A: ".to_vec();
    assert_too_large(&ask(Answer::Forever(head, vec![b'a'; 4096], Duration::ZERO)));
}

#[test]
fn as_many_headers_as_allowed_are_read() {
    let head = "A: b\r\n".repeat(255);
    for sent in ask(Answer::Keep(answer("200 OK", &head, b"{}"))) {
        assert_eq!(sent.exchange.response.unwrap().headers.len(), 256);
    }
    let one_more = "A: b\r\n".repeat(256);
    assert_too_large(&ask(Answer::Keep(answer("200 OK", &one_more, b"{}"))));
}

#[test]
fn a_whole_head_is_bounded_below_what_the_clients_read() {
    let headers = |bytes: usize| format!("X-A: {}\r\nX-B: {}\r\n", "a".repeat(bytes / 2), "b".repeat(bytes / 2));
    for sent in ask(Answer::Keep(answer("200 OK", &headers(60 * 1024), b"{}"))) {
        assert!(sent.reply.is_ok(), "{:?}", sent.reply);
    }
    assert_too_large(&ask(Answer::Keep(answer("200 OK", &headers(70 * 1024), b"{}"))));
    let reason = format!("200 {}", "a".repeat(70 * 1024));
    assert_too_large(&ask(Answer::Keep(answer(&reason, "", b"{}"))));
}

#[test]
fn what_is_not_http_is_broken() {
    for raw in [
        "HTTP/1.1 banana\r\n\r\n",
        "HTTP/1.1 99 Low\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "SSH-2.0-OpenSSH_9.9\r\n",
        "<html>\r\n\r\n",
        "HTTP/1.1 200 OK\r\nNo colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nbanana\r\n",
    ] {
        assert_broken(&ask(Answer::Close(raw.as_bytes().to_vec())), "");
    }
}

#[test]
fn a_coding_nobody_asked_for_is_broken() {
    let brotli = answer("200 OK", "Content-Encoding: br\r\n", b"\x0b\x02\x80{}\x03");
    assert_broken(&ask(Answer::Keep(brotli)), "`br`");
    let lie = answer("200 OK", "Content-Encoding: gzip\r\n", b"{}");
    assert_broken(&ask(Answer::Keep(lie)), "gzip");
}

#[test]
fn a_body_that_is_no_text_is_kept_as_bytes_and_shown_as_text() {
    for sent in ask(Answer::Keep(answer("200 OK", "X-Odd: \u{ff}\r\n", b"{\"a\":\"\xff\"}"))) {
        assert_eq!(sent.reply.unwrap().body.as_ref(), b"{\"a\":\"\xff\"}");
        let response = sent.exchange.response.unwrap();
        assert_eq!((&*response.body, response.size), ("{\"a\":\"\u{fffd}\"}", 9));
    }
}

#[test]
fn a_port_nobody_listens_on_is_unreachable_and_nothing_was_sent() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let (sent, transport) = ask_at(&base).await;
        assert_unreachable(&sent, "refused");
        assert_eq!(transport.requests_sent(), 0);
    });
}

#[test]
fn a_server_without_tls_is_unreachable_over_https() {
    run(async {
        let server = Server::start(vec![]).await;
        let base = server.base_url.replace("http://", "https://");
        // The handshake carries no blank line, so the server waits for more; the connect limit ends it.
        let (sent, _) = ask_at(&base).await;
        assert_unreachable(&sent, "no connection within 200 ms");
    });
}

#[test]
fn an_answer_in_plain_text_to_a_tls_handshake_is_unreachable() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("https://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
            }
        });
        let (sent, _) = ask_at(&base).await;
        assert_unreachable(&sent, "TLS: ");
    });
}

#[test]
fn a_host_that_cannot_be_reached_is_told_from_a_silent_server_even_by_the_shorter_limit() {
    run(async {
        let server = Server::start(vec![]).await;
        let base = server.base_url.replace("http://", "https://");
        let limits = Limits { timeout: Duration::from_millis(300), ..Limits::default() };
        for request in both_ways(get("/Users")) {
            let transport =
                Transport::new(Target::parse(&base).unwrap(), Credentials::None, limits, Redactor::default()).unwrap();
            let sent = transport.send("step", request).await;
            let Err(Failure::Unreachable { cause }) = &sent.reply else { panic!("{:?}", sent.reply) };
            assert_eq!(cause, "no connection within 270 ms");
            assert_eq!(transport.requests_sent(), 0);
        }
    });
}
