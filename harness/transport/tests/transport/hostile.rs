//! Servers that would hang, flood or crash a careless client.

use crate::server::{Answer, Server, answer, get, ok, quick, run};
use flate2::Compression;
use flate2::write::GzEncoder;
use scim_record::{Failure, Redactor};
use scim_transport::{Credentials, Limits, Sent, Target, Transport};
use std::io::Write;
use std::time::Duration;
use tokio::net::TcpListener;

/// Asks once and returns what came of it; the script names what the server does.
fn ask(script: Answer) -> Sent {
    run(async { Server::start(vec![script]).await.transport().send("step", get("/Users")).await })
}

fn assert_too_large(sent: &Sent) {
    assert!(matches!(sent.reply, Err(Failure::TooLarge { .. })), "{:?}", sent.reply);
    assert_eq!(sent.exchange.failure.as_ref(), sent.reply.as_ref().err());
    assert!(sent.exchange.response.is_none());
}

fn assert_timed_out(sent: &Sent) {
    assert_eq!(sent.reply.as_ref().err(), Some(&Failure::TimedOut { after_ms: 400 }));
}

fn assert_broken(sent: &Sent, part: &str) {
    let Err(Failure::Broken { cause }) = &sent.reply else { panic!("{:?}", sent.reply) };
    assert!(cause.contains(part), "{cause}");
}

fn assert_unreachable(sent: &Sent, part: &str) {
    let Err(Failure::Unreachable { cause }) = &sent.reply else { panic!("{:?}", sent.reply) };
    assert!(cause.contains(part), "{cause}");
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
    let sent = ask(Answer::Keep(head));
    assert!(matches!(sent.reply, Err(Failure::TooLarge { .. } | Failure::Broken { .. })), "{:?}", sent.reply);
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
    let sent = ask(Answer::Keep(Vec::new()));
    assert_timed_out(&sent);
    assert!(sent.exchange.timing.total_ms >= 400.0, "{:?}", sent.exchange.timing);
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
    run(async {
        let long = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}{\"smuggled\":true}".to_vec();
        let server = Server::start(vec![Answer::Keep(long), Answer::Keep(ok())]).await;
        let transport = server.transport();
        for _ in 0..2 {
            assert_eq!(transport.send("step", get("/Users")).await.reply.unwrap().body, "{}");
        }
    });
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
    let sent = ask(Answer::Keep(answer("200 OK", &head, b"{}")));
    assert_eq!(sent.exchange.response.unwrap().headers.len(), 256);
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
    let sent = ask(Answer::Keep(answer("200 OK", "X-Odd: \u{ff}\r\n", b"{\"a\":\"\xff\"}")));
    assert_eq!(sent.reply.unwrap().body.as_ref(), b"{\"a\":\"\xff\"}");
    let response = sent.exchange.response.unwrap();
    assert_eq!((&*response.body, response.size), ("{\"a\":\"\u{fffd}\"}", 9));
}

#[test]
fn a_port_nobody_listens_on_is_unreachable_and_nothing_was_sent() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let transport = transport(&base, quick());
        let sent = transport.send("step", get("/Users")).await;
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
        let sent = transport(&base, quick()).send("step", get("/Users")).await;
        assert_unreachable(&sent, "no connection within 200 ms");
    });
}

#[test]
fn an_answer_in_plain_text_to_a_tls_handshake_is_unreachable() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("https://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await
        });
        let sent = transport(&base, quick()).send("step", get("/Users")).await;
        assert_unreachable(&sent, "TLS: ");
    });
}

fn transport(base: &str, limits: Limits) -> Transport {
    let target = Target::parse(base).unwrap();
    Transport::new(target, Credentials::None, limits, Redactor::default()).unwrap()
}
