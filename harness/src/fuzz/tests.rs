//! The driver against a hand-made server that fails in every way a server can.

use super::driver::{End, Found, Harvest, Orders, Origin, search};
use super::lane::Lane;
use super::shrink::Certainty;
use super::{Breach, Ground, Judgement, Subject, Unfit};
use crate::client::{Client, Stop};
use crate::gate::Kind;
use crate::journal::Journal;
use crate::run::Line;
use proptest::collection::vec;
use proptest::strategy::{BoxedStrategy, Strategy};
use scim_fuzz::Inputs;
use scim_record::{Exchange, Redactor};
use scim_suite::ScimVersion;
use scim_transport::{Credentials, Limits, Target, Transport};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the server does about a request.
enum Reaction {
    Answer(&'static str),
    Throttle,
    HangUp,
    Hang,
    Die,
}

/// Serves until it is to die, which also closes what is open.
async fn serve(react: impl Fn(&str) -> Reaction + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/scim", listener.local_addr().expect("an address"));
    let react = Arc::new(react);
    let (die, death) = watch::channel(false);
    let die = Arc::new(die);
    tokio::spawn(async move {
        let mut gone = death.clone();
        while let Some(Ok((stream, _))) = tokio::select! {
            accepted = listener.accept() => Some(accepted),
            _ = gone.wait_for(|dead| *dead) => None,
        } {
            let (react, die, mut death) = (Arc::clone(&react), Arc::clone(&die), death.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = converse(stream, &*react, &die) => {}
                    _ = death.wait_for(|dead| *dead) => {}
                }
            });
        }
    });
    url
}

async fn converse(mut stream: TcpStream, react: &(dyn Fn(&str) -> Reaction + Send + Sync), die: &watch::Sender<bool>) {
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let Ok(count @ 1..) = stream.read(&mut buffer).await else { return };
        read.extend_from_slice(&buffer[..count]);
        if !read.ends_with(b"\r\n\r\n") {
            continue;
        }
        let head = String::from_utf8(std::mem::take(&mut read)).expect("what we send is UTF-8");
        let target = head.split(' ').nth(1).unwrap_or_default();
        let answer = match react(target.trim_start_matches("/scim")) {
            Reaction::Answer(body) => format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
            Reaction::Throttle => "HTTP/1.1 429 Slow down\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n".to_owned(),
            Reaction::HangUp => return,
            Reaction::Hang => std::future::pending().await,
            Reaction::Die => {
                die.send_replace(true);
                return;
            }
        };
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Lists of numbers; the server has an opinion on each.
struct Lists {
    inputs: Numbers,
}

struct Numbers;

impl Inputs for Numbers {
    type Input = Vec<u8>;

    fn strategy(&self) -> BoxedStrategy<Vec<u8>> {
        vec(0..20_u8, 1..8).boxed()
    }

    fn simpler(&self, input: &Vec<u8>) -> Vec<Vec<u8>> {
        let without = (0..input.len()).map(|at| [&input[..at], &input[at + 1..]].concat());
        let less = (0..input.len()).filter(|at| input[*at] > 0).map(|at| {
            let mut input = input.clone();
            input[at] -= 1;
            input
        });
        without.filter(|input| !input.is_empty()).chain(less).collect()
    }

    fn size(&self, input: &Vec<u8>) -> usize {
        input.iter().map(|number| 100 + usize::from(*number)).sum()
    }

    fn print(&self, input: &Vec<u8>) -> String {
        input.iter().map(u8::to_string).collect::<Vec<_>>().join("-")
    }

    fn parse(&self, text: &str) -> Result<Vec<u8>, String> {
        text.split('-').map(|number| number.parse().map_err(|_| format!("{number:?} is no number"))).collect()
    }
}

impl Subject for Lists {
    type Inputs = Numbers;

    async fn set_up(_: &Ground<'_>) -> Result<Self, Unfit> {
        Ok(Lists { inputs: Numbers })
    }

    fn inputs(&self) -> &Numbers {
        &self.inputs
    }

    async fn judge(&self, lane: &Lane<'_>, input: &Vec<u8>) -> Result<Judgement, Stop> {
        let reply = lane.send(lane.request("GET", format!("/Users?list={}", Numbers.print(input)), None)).await?;
        Ok(match (reply.status, &*reply.body) {
            (200, b"right") => Judgement::Holds,
            (200, b"never heard of it") => Judgement::Unsupported("lists of this kind".to_owned()),
            (status, body) => Judgement::Broken(Box::new(Breach {
                law: "lists-are-right",
                identity: format!("lists-are-right/{status}/{}", String::from_utf8_lossy(body)),
                message: format!("{status} {}", String::from_utf8_lossy(body)),
                expected: None,
                actual: None,
                level: None,
                kind: Kind::Expectation,
            })),
        })
    }
}

/// Returns the numbers that a request is about; the driver also asks whether the server is there.
fn numbers(target: &str) -> Option<Vec<u8>> {
    target.strip_prefix("/Users?list=").map(|list| Numbers.parse(list).expect("what we sent"))
}

const RIGHT: Reaction = Reaction::Answer("right");
const WRONG: Reaction = Reaction::Answer("wrong");

fn orders() -> Orders {
    Orders {
        known: Vec::new(),
        cases: Some(200),
        until: None,
        seed: 7,
        lanes: 4,
        most_findings: 25,
        patience: Duration::from_millis(300),
    }
}

/// Searches, and returns what came of it and what was kept of it.
async fn searched(
    orders: &Orders,
    interrupt: watch::Receiver<bool>,
    react: impl Fn(&str) -> Reaction + Send + Sync + 'static,
) -> (Harvest, Vec<Exchange>) {
    let url = serve(react).await;
    let limits = Limits { timeout: Duration::from_millis(250), ..Limits::default() };
    let redactor = Redactor::new(Vec::new(), None);
    let transport = Transport::new(Target::parse(&url).expect("a URL"), Credentials::None, limits, redactor);
    let line = Line { version: ScimVersion::V2, transport: transport.expect("a transport") };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let journal = Journal::create(folder.path(), "rhtest", &url).expect("a journal");
    let client = Client::new(&line, &journal, "rhtest", "fuzz");
    let mut interrupt = interrupt;
    let harvest = search(&Lists { inputs: Numbers }, &client, orders, &mut interrupt, &|_, _| {}).await;
    (harvest, client.into_exchanges())
}

async fn uninterrupted(
    orders: &Orders,
    react: impl Fn(&str) -> Reaction + Send + Sync + 'static,
) -> (Harvest, Vec<Exchange>) {
    // The sender stays, or nobody could tell a quiet run from one whose master is gone.
    let (_stop, interrupt) = watch::channel(false);
    searched(orders, interrupt, react).await
}

fn inputs(found: &[Found]) -> Vec<&str> {
    found.iter().map(|found| found.input.as_str()).collect()
}

#[tokio::test]
async fn a_defect_is_found_once_and_with_the_smallest_input_that_shows_it() {
    let react = |target: &str| match numbers(target) {
        Some(list) if list.contains(&3) && list.iter().any(|number| *number >= 11) => WRONG,
        _ => RIGHT,
    };
    let (harvest, kept) = uninterrupted(&orders(), react).await;
    let [found] = harvest.found.as_slice() else { panic!("{harvest:?}") };
    assert!(matches!(found.input.as_str(), "3-11" | "11-3"), "{found:?}");
    assert_eq!(found.certainty, Certainty::Always);
    assert!(matches!(found.origin, Origin::Random(_)));
    assert!(matches!(harvest.end, End::Done));
    assert_eq!(harvest.inputs, 200);
    // Of all that was sent, the last proof is kept.
    let [proof] = kept.as_slice() else { panic!("{} exchanges", kept.len()) };
    assert!(proof.request.url.ends_with(&format!("/Users?list={}", found.input)), "{proof:?}");
    assert_eq!(found.evidence.exchanges, [0]);
    assert_eq!(proof.step, "finding 1");
}

#[tokio::test]
async fn the_same_seed_sends_the_same_inputs_however_many_lanes_there_are() {
    let sent = async |seed, lanes| {
        let all = Arc::new(std::sync::Mutex::new(Vec::new()));
        let seen = Arc::clone(&all);
        let react = move |target: &str| {
            seen.lock().expect("no panic").push(target.to_owned());
            RIGHT
        };
        uninterrupted(&Orders { seed, lanes, ..orders() }, react).await;
        let mut all = all.lock().expect("no panic").clone();
        all.sort();
        all
    };
    let one = sent(7, 1).await;
    assert_eq!(one, sent(7, 5).await);
    assert_ne!(one, sent(8, 1).await);
}

#[tokio::test]
async fn known_inputs_come_first() {
    let first = Arc::new(std::sync::Mutex::new(String::new()));
    let seen = Arc::clone(&first);
    let react = move |target: &str| {
        let mut first = seen.lock().expect("no panic");
        if first.is_empty() {
            target.clone_into(&mut first);
        }
        match numbers(target) {
            Some(list) if list.contains(&99) => WRONG,
            _ => RIGHT,
        }
    };
    let orders = Orders { known: vec!["1-99-2".to_owned()], lanes: 1, ..orders() };
    let (harvest, _) = uninterrupted(&orders, react).await;
    assert_eq!(*first.lock().expect("no panic"), "/Users?list=1-99-2");
    assert_eq!(inputs(&harvest.found), ["99"]);
    assert_eq!(harvest.found[0].origin, Origin::Known(0));

    let unreadable = Orders { known: vec!["1-x".to_owned()], ..orders };
    let (harvest, _) = uninterrupted(&unreadable, |_| RIGHT).await;
    let End::Unusable(sentence) = harvest.end else { panic!("{harvest:?}") };
    assert!(sentence.contains("\"1-x\"") && sentence.contains("\"x\" is no number"), "{sentence}");
}

#[tokio::test]
async fn what_shows_now_and_then_is_told_as_such() {
    let count = AtomicUsize::new(0);
    let react = move |target: &str| match numbers(target) {
        Some(list) if list == [5] && count.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) => WRONG,
        _ => RIGHT,
    };
    let orders = Orders { known: vec!["5".to_owned()], cases: Some(0), ..orders() };
    let (harvest, _) = uninterrupted(&orders, react).await;
    let [found] = harvest.found.as_slice() else { panic!("{harvest:?}") };
    assert_eq!(found.certainty, Certainty::Sometimes { seen: 1, of: 3 });
}

#[tokio::test]
async fn a_breach_that_was_lost_in_shrinking_is_told_with_its_whole_input() {
    // `5` alone is wrong at its first try only; with a 6 beside it always.
    let count = AtomicUsize::new(0);
    let react = move |target: &str| match numbers(target).as_deref() {
        Some([5, 6]) => WRONG,
        Some([5]) if count.fetch_add(1, Ordering::Relaxed) == 0 => WRONG,
        _ => RIGHT,
    };
    let orders = Orders { known: vec!["5-6".to_owned()], cases: Some(0), ..orders() };
    let (harvest, _) = uninterrupted(&orders, react).await;
    assert_eq!(inputs(&harvest.found), ["5-6"]);
    assert_eq!(harvest.found[0].certainty, Certainty::Always);
}

#[tokio::test]
async fn an_input_that_drops_the_connection_or_hangs_is_a_finding() {
    let react = |target: &str| match numbers(target) {
        Some(list) if list.contains(&4) => Reaction::HangUp,
        Some(list) if list.contains(&100) => Reaction::Hang,
        _ => RIGHT,
    };
    let orders = Orders { known: vec!["100".to_owned()], ..orders() };
    let (harvest, _) = uninterrupted(&orders, react).await;
    let mut found: Vec<_> = harvest.found.iter().map(|it| (it.breach.identity.as_str(), it.input.as_str())).collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [("every-request-is-answered/broken", "4"), ("every-request-is-answered/timed-out", "100")],
        "{harvest:?}"
    );
    assert!(harvest.found.iter().all(|found| found.breach.kind == Kind::ServerFailure));
    assert!(matches!(harvest.end, End::Done));
}

#[tokio::test]
async fn a_target_that_dies_ends_the_search_with_what_was_found_and_what_was_in_flight() {
    let count = AtomicUsize::new(0);
    let react = move |target: &str| match numbers(target) {
        Some(_) if count.fetch_add(1, Ordering::Relaxed) > 400 => Reaction::Die,
        Some(list) if list.contains(&3) => WRONG,
        _ => RIGHT,
    };
    let began = Instant::now();
    let (harvest, _) = uninterrupted(&Orders { cases: None, ..orders() }, react).await;
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    assert_eq!(inputs(&harvest.found), ["3"]);
    let End::Gone { in_flight, .. } = &harvest.end else { panic!("{harvest:?}") };
    assert!(!in_flight.is_empty());
}

#[tokio::test]
async fn a_target_that_hangs_for_good_is_given_up() {
    let count = AtomicUsize::new(0);
    let react = move |_: &str| match count.fetch_add(1, Ordering::Relaxed) {
        0..100 => RIGHT,
        _ => Reaction::Hang,
    };
    let (harvest, _) = uninterrupted(&Orders { cases: None, ..orders() }, react).await;
    assert!(matches!(harvest.end, End::Gone { .. }), "{harvest:?}");
}

#[tokio::test]
async fn who_asks_for_patience_gets_it_and_is_no_finding() {
    let count = AtomicUsize::new(0);
    let react = move |target: &str| match numbers(target) {
        Some(list) if list == [9] => Reaction::Throttle,
        Some(_) if count.fetch_add(1, Ordering::Relaxed).is_multiple_of(3) => Reaction::Throttle,
        _ => RIGHT,
    };
    let orders = Orders { known: vec!["9".to_owned()], ..orders() };
    let (harvest, _) = uninterrupted(&orders, react).await;
    assert!(harvest.found.is_empty(), "{harvest:?}");
    assert_eq!(harvest.inputs, 201);
    let [(what, 1..)] = harvest.unsupported.iter().map(|(what, count)| (what.as_str(), *count)).collect::<Vec<_>>()[..]
    else {
        panic!("{harvest:?}")
    };
    assert!(what.contains("429"));
}

#[tokio::test]
async fn what_a_target_does_not_do_is_counted_and_not_a_finding() {
    let react = |target: &str| match numbers(target) {
        Some(list) if list.len() > 3 => Reaction::Answer("never heard of it"),
        _ => RIGHT,
    };
    let (harvest, kept) = uninterrupted(&orders(), react).await;
    assert!(harvest.found.is_empty() && kept.is_empty());
    assert_eq!(harvest.unsupported.keys().collect::<Vec<_>>(), ["lists of this kind"]);
}

#[tokio::test]
async fn an_interrupt_ends_the_search_at_once_with_what_was_found() {
    let (stop, interrupt) = watch::channel(false);
    let count = AtomicUsize::new(0);
    let react = move |target: &str| match numbers(target) {
        Some(list) if list.contains(&3) => WRONG,
        _ if count.fetch_add(1, Ordering::Relaxed) > 500 => {
            stop.send_replace(true);
            Reaction::Hang
        }
        _ => RIGHT,
    };
    let (harvest, _) = searched(&Orders { cases: None, ..orders() }, interrupt, react).await;
    assert!(matches!(harvest.end, End::Interrupted), "{harvest:?}");
    assert_eq!(inputs(&harvest.found), ["3"]);
}

#[tokio::test]
async fn a_search_ends_in_time_and_when_enough_was_found() {
    let until = Some(Instant::now() + Duration::from_millis(50));
    let (harvest, _) = uninterrupted(&Orders { cases: None, until, ..orders() }, |_| RIGHT).await;
    assert!(matches!(harvest.end, End::OutOfTime) && harvest.inputs > 0, "{harvest:?}");

    let react = |target: &str| match numbers(target).as_deref() {
        Some([1, ..]) => Reaction::Answer("one"),
        Some([2, ..]) => Reaction::Answer("two"),
        Some([3, ..]) => Reaction::Answer("three"),
        _ => RIGHT,
    };
    let (harvest, _) = uninterrupted(&Orders { cases: None, most_findings: 2, ..orders() }, react).await;
    assert!(matches!(harvest.end, End::Enough));
    let mut found = inputs(&harvest.found);
    found.sort_unstable();
    assert!(found.len() == 2 && found.iter().all(|input| input.len() == 1), "{found:?}");
}

#[tokio::test]
async fn evidence_is_what_shows_a_breach_and_nothing_that_clears_away() {
    let url = serve(|_| RIGHT).await;
    let target = Target::parse(&url).expect("a URL");
    let transport = Transport::new(target, Credentials::None, Limits::default(), Redactor::new(Vec::new(), None));
    let line = Line { version: ScimVersion::V2, transport: transport.expect("a transport") };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let journal = Journal::create(folder.path(), "rhtest", &url).expect("a journal");
    let client = Client::new(&line, &journal, "rhtest", "fuzz");
    let lane = Lane::new(&client, 0);
    let ask = async |number: u8| lane.send(lane.request("GET", format!("/Users?list={number}"), None)).await;
    ask(0).await.expect("an answer");
    lane.keep("finding 1");
    ask(1).await.expect("an answer");
    lane.mark_tested();
    let since = lane.kept_so_far();
    ask(2).await.expect("an answer");
    lane.mark_tested();
    lane.send_aside(lane.request("GET", "/Users?list=9", None)).await.expect("an answer");
    ask(3).await.expect("an answer");
    lane.show(since);
    ask(4).await.expect("an answer");
    lane.mark_tested();
    let evidence = lane.kept();
    assert!(!lane.keeps());
    let shown = |place: &usize| {
        let url = client.recorded(*place).expect("it is kept").request.url;
        url.rsplit_once('=').map(|(_, number)| number.to_owned()).expect("what we sent")
    };
    assert_eq!(evidence.exchanges.iter().map(shown).collect::<Vec<_>>(), ["2", "3"]);
    assert_eq!(evidence.tested.as_ref().map(shown).as_deref(), Some("2"));
}
