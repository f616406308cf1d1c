//! What Okta does while a service provider answers 429, and when it does not answer at all.

use std::time::Duration;

use mock_okta::{App, AppKind, AppUser, Event, Flow, Outcome, Profile, Response, Step};
use proptest::prelude::*;

const FIVE_MINUTES: u64 = 300;

fn ada() -> AppUser {
    AppUser::new("00u", Profile::new("ada@example.test", "Ada", "Byron"), "1mz050nq")
}

fn linked() -> AppUser {
    AppUser { remote_id: Some("7".to_owned()), ..ada() }
}

fn busy(retry_after: Option<&str>) -> Response {
    let response = Response::new(429, "Too Many Requests", r#"{"detail":"Slow down."}"#);
    Response { retry_after: retry_after.map(str::to_owned), ..response }
}

/// Answers 429 with these values of `Retry-After` until none is left or the flow gives up; returns the
/// pauses, and the step after them.
fn put_off(flow: &mut Flow, first: Step, values: &[Option<String>]) -> (Vec<u64>, Step) {
    let mut waits = Vec::new();
    let mut step = first.clone();
    for value in values {
        match flow.next(busy(value.as_deref())) {
            Step::Wait(wait) => waits.push(wait.as_secs()),
            over => return (waits, over),
        }
        step = flow.resume();
        assert_eq!(step, first, "the same request is sent again");
    }
    (waits, step)
}

/// Values of `Retry-After` with the first pause each calls for.
fn retry_after() -> impl Strategy<Value = (Option<String>, u64)> {
    prop_oneof![
        (0..100_000_u64).prop_map(|seconds| (Some(seconds.to_string()), seconds)),
        Just((None, FIVE_MINUTES)),
        prop_oneof![
            Just("Fri, 31 Dec 1999 23:59:59 GMT"),
            Just("1.5"),
            Just("-1"),
            Just("+1"),
            Just("1e3"),
            Just(""),
            Just("soon"),
            Just("99999999999999999999999999"),
        ]
        .prop_map(|text| (Some(text.to_owned()), FIVE_MINUTES)),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Assign),
        Just(Event::Deactivate),
        Just(Event::Unassign),
        Just(Event::ForceSync),
        Just(Event::Update(vec![("firstName".to_owned(), "Augusta".to_owned())])),
    ]
}

proptest! {
    #[test]
    fn waits_double_and_nothing_is_tried_more_than_ten_times(
        kind in proptest::sample::select(AppKind::ALL.to_vec()),
        event in event(),
        values in proptest::collection::vec(retry_after(), 1..15),
    ) {
        let (mut flow, first) = Flow::start(&App::new(kind), &linked(), &event);
        let headers: Vec<Option<String>> = values.iter().map(|(header, _)| header.clone()).collect();
        let (waits, after) = put_off(&mut flow, first.clone(), &headers);

        prop_assert_eq!(waits.len(), values.len().min(9));
        prop_assert_eq!(waits[0], values[0].1);
        for pair in waits.windows(2) {
            prop_assert_eq!(pair[1], pair[0] * 2);
        }
        if values.len() < 10 {
            prop_assert_eq!(after, first);
        } else {
            let message = match after {
                Step::Done(Outcome::Task { message }) => message,
                other => return Err(TestCaseError::fail(format!("{other:?}"))),
            };
            prop_assert!(message.ends_with("Too Many Requests. Errors reported by remote server: Slow down."), "{}", message);
        }
    }
}

#[test]
fn a_request_that_gets_through_ends_the_doubling() {
    let (mut flow, lookup) = Flow::start(&App::new(AppKind::Catalog), &ada(), &Event::Assign);
    let (waits, _) = put_off(&mut flow, lookup, &[Some("2".to_owned()), Some("2".to_owned())]);
    assert_eq!(waits, [2, 4]);
    let create = flow.next(Response::new(404, "Not Found", ""));
    let (waits, _) = put_off(&mut flow, create, &[Some("3".to_owned()), None]);
    assert_eq!(waits, [3, 6]);
}

#[test]
fn a_flow_that_is_over_stays_over() {
    let (mut flow, _) = Flow::start(&App::new(AppKind::Catalog), &linked(), &Event::Deactivate);
    let over = flow.next(Response::new(204, "No Content", ""));
    assert!(matches!(over, Step::Done(Outcome::Done { .. })));
    assert_eq!(flow.next(busy(None)), over);
    assert_eq!(flow.resume(), over);
}

#[test]
fn the_test_of_the_credentials_fails_at_once() {
    let (mut flow, _) = Flow::start(&App::new(AppKind::Catalog), &ada(), &Event::Connect);
    assert!(matches!(flow.next(busy(Some("1"))), Step::Done(Outcome::Task { .. })));
}

#[test]
fn no_other_refusal_is_tried_again() {
    for status in [400, 401, 404, 405, 408, 409, 500, 501, 502, 503, 504] {
        let (mut flow, _) = Flow::start(&App::new(AppKind::Catalog), &linked(), &Event::Deactivate);
        let step = flow.next(Response { retry_after: Some("1".to_owned()), ..Response::new(status, "", "") });
        assert!(matches!(step, Step::Done(Outcome::Task { .. })), "{status}: {step:?}");
    }
}

#[test]
fn a_create_without_an_answer_is_sent_once_more() {
    let (mut flow, _) = Flow::start(&App::new(AppKind::Catalog), &ada(), &Event::Assign);
    let create = flow.next(Response::new(404, "Not Found", ""));
    assert_eq!(flow.timed_out(), create);
    let Step::Done(Outcome::Task { message }) = flow.timed_out() else { panic!("the second time is the last") };
    assert!(message.ends_with("Error while creating user Ada Byron: Read timed out."), "{message}");
}

#[test]
fn anything_else_without_an_answer_ends_in_a_task() {
    for event in [Event::Assign, Event::Deactivate, Event::ForceSync] {
        let (mut flow, _) = Flow::start(&App::new(AppKind::Aiw), &linked(), &event);
        let step = flow.timed_out();
        assert!(matches!(step, Step::Done(Outcome::Task { .. })), "{event:?}: {step:?}");
        assert_eq!(flow.resume(), step);
    }
}

#[test]
fn a_scheduled_deletion_waits_its_time() {
    let mut app = App::new(AppKind::Catalog);
    app.granular_deprovisioning = Some(Duration::from_secs(60));
    let (mut flow, _) = Flow::start(&app, &linked(), &Event::Unassign);
    assert_eq!(flow.next(Response::new(204, "No Content", "")), Step::Wait(Duration::from_secs(60)));
    let Step::Send(request) = flow.resume() else { panic!("the time has passed") };
    assert_eq!((request.method, request.target.as_str()), ("DELETE", "/Users/7"));
    assert!(matches!(flow.next(Response::new(204, "No Content", "")), Step::Done(Outcome::Done { .. })));
    assert_eq!(flow.user().remote_id, None);
}
