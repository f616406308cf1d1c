//! Servers that would hang, flood, crash, mislead or rob a careless client, each against the program as it is.
//!
//! Whatever a server does, a run ends in time with a finding or a clear refusal, in little memory, without a defect of ours;
//! its reports can be read; the token goes nowhere else; and what was created is removed, or named as left behind.

mod bench;
mod content;
mod server;
mod wire;

use bench::Row;
use server::{Behaviour, Greeting, Scope};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How many servers are faced at a time.
const AT_A_TIME: usize = 6;

/// Faces every server; says at once what does not hold anywhere.
async fn face(rows: Vec<Row>) {
    let only = std::env::var("HOSTILE").ok();
    let turns = Arc::new(Semaphore::new(AT_A_TIME));
    let mut running = Vec::new();
    for row in rows.into_iter().filter(|row| only.as_deref().is_none_or(|only| row.name.contains(only))) {
        let turns = Arc::clone(&turns);
        running.push(tokio::spawn(async move {
            let _turn = turns.acquire().await.expect("it is never closed");
            row.run().await
        }));
    }
    let mut wrong = Vec::new();
    for run in running {
        wrong.extend(run.await.expect("the bench itself holds"));
    }
    assert!(wrong.is_empty(), "{} things do not hold:\n\n{}\n", wrong.len(), wrong.join("\n\n"));
}

fn row(&(name, behaviour): &(&'static str, Behaviour), scope: Scope, command: &'static [&'static str]) -> Row {
    let greeting = Greeting::None;
    Row { name, behaviour, scope, greeting, scheme: "http", command, exits: &[1, 3], keeps: false }
}

const SPEC: &[&str] = &["test", "okta/spec", "--settle", "0", "--timeout", "20s"];
const SPEC_IN_A_HURRY: &[&str] = &["test", "okta/spec", "--settle", "0", "--timeout", "1s"];
const WIDE: &[&str] = &[
    "test",
    "okta/spec",
    "okta/import",
    "okta/connect",
    "rfc7644/paging",
    "rfc9865/cursor",
    "rfc7643/schemas",
    "okta/entitlements",
    "--settle",
    "0",
    "--timeout",
    "20s",
    "--case-limit",
    "3s",
];
const DOCTOR: &[&str] = &["doctor", "--timeout", "1s"];

#[tokio::test(flavor = "multi_thread")]
async fn no_server_that_breaks_the_wire_harms_a_run() {
    // Some of what is done to a header or a connection is lawful, or of no interest.
    let everything = wire::QUICK.iter().map(|one| Row { exits: &[0, 1, 3], ..row(one, Scope::Every, SPEC) });
    face(everything.collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_server_that_breaks_the_wire_of_writes_keeps_what_it_created() {
    let rows =
        wire::QUICK.iter().chain(wire::REFUSALS).map(|one| Row { exits: &[0, 1], ..row(one, Scope::Writes, SPEC) });
    face(rows.collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_server_that_takes_its_time_holds_a_run_up() {
    let everything = wire::SLOW.iter().map(|one| row(one, Scope::Every, SPEC_IN_A_HURRY));
    let writes = wire::SLOW.iter().map(|one| Row { exits: &[1], ..row(one, Scope::Writes, SPEC_IN_A_HURRY) });
    face(everything.chain(writes).collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_server_that_misleads_has_a_stranger_harmed_or_something_kept() {
    let rows = content::ALL.iter().map(|one| Row { exits: &[0, 1, 3], ..row(one, Scope::Every, WIDE) });
    let keeping =
        content::KEEPING.iter().map(|one| Row { keeps: true, exits: &[1, 3, 6], ..row(one, Scope::Every, SPEC) });
    let large = content::LARGE.iter().map(|one| Row { exits: &[0, 1, 3], ..row(one, Scope::Every, SPEC) });
    face(rows.chain(large).chain(keeping).collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_survives_every_one_of_them() {
    let wire = wire::QUICK.iter().chain(wire::SLOW);
    let rows = wire.map(|one| Row { exits: &[0, 3], ..row(one, Scope::Every, DOCTOR) });
    face(rows.collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_closes_every_connection_is_served_as_well_as_any() {
    let closes = ("closes-after-each-answer", wire::CLOSES_AFTER_EACH);
    face(vec![Row { exits: &[0], ..row(&closes, Scope::Every, SPEC) }]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_has_a_case_done_in_time_ends_with_the_limit_of_the_case() {
    let dawdles = ("dawdles", content::DAWDLES);
    let command = &["test", "okta/import", "--settle", "0", "--timeout", "5s", "--case-limit", "400ms"];
    face(vec![Row { exits: &[0, 1, 4], ..row(&dawdles, Scope::Every, command) }]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_speaks_another_protocol_is_no_service_provider() {
    let junk: Behaviour = |_, _| vec![server::Act::Hold];
    let speaks = |name, bytes, scheme| {
        let greeting = Greeting::Bytes(bytes);
        Row { greeting, scheme, exits: &[3], ..row(&(name, junk), Scope::Every, SPEC_IN_A_HURRY) }
    };
    face(vec![
        speaks("tls-on-a-plain-port", b"\x15\x03\x03\0\x02\x02\x28".as_slice(), "http"),
        speaks("another-protocol", b"SSH-2.0-OpenSSH_9.9\r\n".as_slice(), "http"),
        speaks("plain-text-on-https", b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(), "https"),
        speaks("silence-on-https", b"".as_slice(), "https"),
    ])
    .await;
}
