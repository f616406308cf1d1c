//! Behaviours below SCIM: what a server does with bytes, lengths, codings and connections.

use crate::server::Act::{Close, Forever, HalfClose, Hold, Reset, Send, Wait};
use crate::server::{Act, Answer, Asked, Behaviour};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use std::io::Write;
use std::sync::OnceLock;
use std::time::Duration;

/// Every behaviour that ends by itself, or that a bound on size ends.
pub(crate) const QUICK: &[(&str, Behaviour)] = &[
    ("endless-body-in-chunks", |_, answer| {
        let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
        vec![head(&answer, "Transfer-Encoding: chunked\r\n"), Forever(chunk, NO_PAUSE)]
    }),
    ("endless-body-until-close", |_, answer| vec![head(&answer, ""), Forever(vec![b'x'; 0x10000], NO_PAUSE)]),
    ("gzip-bomb", |_, answer| answer.with(gzip_bomb().to_vec()).header("Content-Encoding", "gzip").send()),
    ("deflate-bomb", |_, answer| answer.with(deflate_bomb().to_vec()).header("Content-Encoding", "deflate").send()),
    ("bomb-in-a-bomb", |_, answer| answer.with(gzip(gzip_bomb())).header("Content-Encoding", "gzip, gzip").send()),
    ("a-coding-listed-thousands-of-times", |_, answer| {
        let body = gzip(&answer.body);
        answer.with(body).header("Content-Encoding", vec!["gzip"; 5000].join(",")).send()
    }),
    ("a-coding-that-is-a-lie", |_, answer| answer.header("Content-Encoding", "gzip").send()),
    ("a-coding-nobody-asked-for", |_, answer| answer.header("Content-Encoding", "br").send()),
    ("deep-nesting", |_, answer| answer.with("[".repeat(4 << 20)).send()),
    ("deep-nesting-that-ends", |_, answer| {
        answer.with(["{\"a\":".repeat(100_000), "1".to_owned(), "}".repeat(100_000)].concat()).send()
    }),
    ("a-gigabyte-announced-and-sent", |_, answer| {
        vec![head(&answer, "Content-Length: 1073741824\r\n"), Forever(vec![b' '; 0x10000], NO_PAUSE)]
    }),
    ("a-gigabyte-announced-and-not-sent", |_, answer| vec![head(&answer, "Content-Length: 1073741824\r\n"), Hold]),
    ("a-length-of-2-to-the-64", |_, answer| {
        vec![head(&answer, "Content-Length: 18446744073709551616\r\n"), Send(answer.body.clone()), Close]
    }),
    ("a-length-too-small", |_, answer| vec![head(&answer, "Content-Length: 2\r\n"), Send(answer.body.clone())]),
    ("a-length-too-large", |_, answer| {
        vec![head(&answer, &format!("Content-Length: {}\r\n", answer.body.len() + 9)), Send(answer.body.clone()), Close]
    }),
    ("a-negative-length", |_, answer| vec![head(&answer, "Content-Length: -1\r\n"), Send(answer.body.clone()), Close]),
    ("a-length-in-words", |_, answer| vec![head(&answer, "Content-Length: ten\r\n"), Send(answer.body.clone()), Close]),
    ("two-lengths", |_, answer| {
        let lengths = format!("Content-Length: {}\r\nContent-Length: 3\r\n", answer.body.len());
        vec![head(&answer, &lengths), Send(answer.body.clone()), Close]
    }),
    ("a-length-and-chunks", |_, answer| {
        let length = format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n", answer.body.len());
        vec![head(&answer, &length), Send(b"5\r\nabcde\r\n0\r\n\r\n".to_vec()), Close]
    }),
    ("a-truncated-chunk", |_, answer| {
        vec![head(&answer, "Transfer-Encoding: chunked\r\n"), Send(b"ff\r\n{\"id\":".to_vec()), Close]
    }),
    ("a-chunk-size-that-overflows", |_, answer| {
        vec![head(&answer, "Transfer-Encoding: chunked\r\n"), Send(b"fffffffffffffffff\r\n{}\r\n".to_vec()), Close]
    }),
    ("an-endless-chunk-extension", |_, answer| {
        vec![head(&answer, "Transfer-Encoding: chunked\r\n"), Send(b"5;".to_vec()), Forever(vec![b'a'; 4096], NO_PAUSE)]
    }),
    ("endless-trailers", |_, answer| {
        let trailer = b"X-Trailer: abcdefgh\r\n".repeat(100);
        vec![
            head(&answer, "Transfer-Encoding: chunked\r\n"),
            Send(b"2\r\n{}\r\n0\r\n".to_vec()),
            Forever(trailer, NO_PAUSE),
        ]
    }),
    ("no-utf-8", |_, answer| {
        let mut body = answer.body.clone();
        body.splice(1..1, *b"\"\xff\xfe\xc0\x80\":\"\xed\xa0\x80\",");
        answer.with(body).send()
    }),
    ("a-byte-order-mark", |_, answer| {
        let body = [b"\xef\xbb\xbf".as_slice(), &answer.body].concat();
        answer.with(body).send()
    }),
    ("utf-16", |_, answer| {
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        answer.with(text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()).send()
    }),
    ("every-header-twice-and-different", |asked, answer| {
        let mut answer = answer;
        let elsewhere = format!("http://{}/Users/1", asked.elsewhere);
        for (name, value) in [("Content-Type", "text/html"), ("Location", &elsewhere), ("ETag", "\u{1}")] {
            answer.headers.push((name.to_owned(), value.to_owned()));
        }
        answer.send()
    }),
    ("ten-thousand-headers", |_, answer| {
        let mut answer = answer;
        answer.headers.extend((0..10_000).map(|number| (format!("X-{number}"), "b".to_owned())));
        answer.send()
    }),
    ("a-header-of-a-megabyte", |_, answer| answer.header("X-Long", "a".repeat(1 << 20)).send()),
    ("a-name-of-a-megabyte", |_, answer| answer.header(&"a".repeat(1 << 20), "b").send()),
    ("a-header-with-nul-and-escape", |_, answer| answer.header("X-Odd", "a\u{0}b\u{1b}[31mc").send()),
    ("a-folded-header", |_, answer| answer.header("X-Folded", "a\r\n b\r\n\tc").send()),
    ("hundreds-of-cookies", |_, answer| {
        let mut answer = answer;
        answer
            .headers
            .extend((0..200).map(|number| ("Set-Cookie".to_owned(), format!("c{number}={}", "a".repeat(90)))));
        answer.send()
    }),
    ("no-status-line", |_, answer| vec![Send([b"Content-Type: text/plain\r\n\r\n", &answer.body[..]].concat()), Close]),
    ("http-0.9", |_, answer| vec![Send(answer.body.clone()), Close]),
    ("http-2-alone", |_, _| {
        vec![Send(b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\0\x04\0\x01\0\0\0\x05\0\xff\xff\xff".to_vec()), Close]
    }),
    ("switching-protocols", |_, _| {
        vec![Send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n".to_vec()), Close]
    }),
    ("a-status-of-999", |_, answer| Answer { status: 999, ..answer }.send()),
    ("a-status-of-0", |_, _| vec![Send(b"HTTP/1.1 000 \r\nContent-Length: 2\r\n\r\n{}".to_vec()), Close]),
    ("a-redirect-elsewhere", |asked, answer| {
        let location = format!("http://{}{}", asked.elsewhere, asked.target);
        Answer { status: 307, ..answer }.header("Location", location).send()
    }),
    ("a-redirect-to-itself", |asked, answer| {
        let location = format!("http://{}{}", asked.authority, asked.target);
        Answer { status: 308, ..answer }.header("Location", location).send()
    }),
    ("a-redirect-to-a-file", |_, answer| {
        Answer { status: 302, ..answer }.header("Location", "file:///etc/passwd").send()
    }),
    ("a-refresh-elsewhere", |asked, answer| {
        let elsewhere = format!("http://{}/", asked.elsewhere);
        answer
            .header("Refresh", format!("0; url={elsewhere}"))
            .header("Link", format!("<{elsewhere}>; rel=next"))
            .send()
    }),
    ("a-reset-before-the-answer", |_, _| vec![Reset]),
    ("a-reset-amid-the-head", |_, _| vec![Send(b"HTTP/1.1 200 OK\r\nContent-".to_vec()), Reset]),
    ("a-reset-amid-the-body", |_, answer| {
        let length = format!("Content-Length: {}\r\n", answer.body.len() + 100);
        vec![head(&answer, &length), Send(answer.body.clone()), Reset]
    }),
    ("a-close-before-the-answer", |_, _| vec![Close]),
    ("half-closed-before-the-answer", |_, _| vec![HalfClose, Hold]),
    ("a-second-answer-behind-the-first", |_, answer| {
        let smuggled = b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"id\":\"stolen\"}";
        vec![Send([&answer.bytes(), smuggled.as_slice()].concat())]
    }),
    ("nothing-but-the-status", |_, answer| answer.with("").send()),
    ("a-page-for-people", |_, answer| {
        answer.with("<html><script>alert(1)</script>".repeat(1000)).header("Content-Type", "text/html").send()
    }),
    ("millions-of-values", |_, answer| answer.with(format!("[{}1]", "[],".repeat(5 << 20))).send()),
];

/// Refusals of what was done all the same.
pub(crate) const REFUSALS: &[(&str, Behaviour)] = &[
    ("retry-after-ten-to-the-12", |_, answer| throttled(answer, "1000000000000")),
    ("retry-after-a-negative-time", |_, answer| throttled(answer, "-5")),
    ("retry-after-in-the-year-9999", |_, answer| throttled(answer, "Fri, 31 Dec 9999 23:59:59 GMT")),
];

/// Every behaviour that nothing but a limit of time ends.
pub(crate) const SLOW: &[(&str, Behaviour)] = &[
    ("a-slow-drip-in-the-head", |_, answer| vec![Send(answer.head()), Forever(b"X-A: b\r\n".to_vec(), DRIP)]),
    ("a-slow-drip-in-the-body", |_, answer| {
        vec![head(&answer, "Content-Length: 100000\r\n"), Forever(b" ".to_vec(), DRIP)]
    }),
    ("fifteen-megabytes-announced-and-not-sent", |_, answer| vec![head(&answer, "Content-Length: 15000000\r\n"), Hold]),
    ("silence", |_, _| vec![Hold]),
    ("a-head-without-end", |_, _| vec![Send(b"HTTP/1.1 200 OK\r\n".to_vec()), Hold]),
    ("interim-answers-for-ever", |_, _| vec![Forever(b"HTTP/1.1 102 Processing\r\n\r\n".to_vec(), DRIP)]),
    ("continue-and-nothing-more", |_, _| vec![Send(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()), Hold]),
    ("an-answer-later-than-anybody-waits", |_, answer| vec![Wait(Duration::from_secs(3)), Send(answer.bytes())]),
];

const NO_PAUSE: Duration = Duration::ZERO;
const DRIP: Duration = Duration::from_millis(50);

/// Sends the head of the answer with these lines at its end.
fn head(answer: &Answer, lines: &str) -> Act {
    Send([&answer.head(), lines.as_bytes(), b"\r\n"].concat())
}

fn throttled(answer: Answer, retry_after: &str) -> Vec<Act> {
    Answer { status: 429, ..answer }.with("{}").header("Retry-After", retry_after).send()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

/// Sixty-four megabytes of blanks, which are lawful around JSON.
fn gzip_bomb() -> &'static [u8] {
    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
    BOMB.get_or_init(|| gzip(&vec![b' '; 64 << 20]))
}

fn deflate_bomb() -> &'static [u8] {
    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
    BOMB.get_or_init(|| {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&vec![b' '; 64 << 20]).expect("memory takes everything");
        encoder.finish().expect("memory takes everything")
    })
}

/// A server that knows its trade but for the end of each connection; nobody may mind.
pub(crate) const CLOSES_AFTER_EACH: Behaviour =
    |_: &Asked, answer: Answer| vec![Send(answer.header("Connection", "close").bytes()), Close];
