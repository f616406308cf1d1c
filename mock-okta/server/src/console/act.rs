//! What the forms do: each becomes calls of the API or of the mock's control, made as if they had come from outside.

use std::sync::Arc;

use http::Method;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::form::{Form, path};
use super::session::random;
use crate::call::Call;
use crate::server::perform;
use crate::shared::Shared;
use crate::world::World;

/// Does what a form asks for, and tells what was done or why it cannot be; nothing for a form nobody knows.
pub(super) async fn act(shared: &Arc<Shared>, name: &str, form: &Form, host: &str) -> Option<Result<String, String>> {
    let steps = shared.with(|world| steps(world, name, form))?;
    let origin = format!("http://{host}");
    Some(match steps {
        Ok(steps) => make(shared, steps, &origin).await,
        Err(reason) => Err(reason),
    })
}

/// One call: method, target and body.
#[derive(Debug, PartialEq)]
struct Step {
    method: Method,
    path: String,
    query: &'static str,
    body: Option<Value>,
}

type Steps = Result<Vec<Step>, String>;

async fn make(shared: &Arc<Shared>, steps: Vec<Step>, origin: &str) -> Result<String, String> {
    let mut made = Vec::new();
    for step in steps {
        let body = step.body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
        let told = format!("{} {}", step.method, step.path);
        let call = Call::new(step.method, &step.path, step.query, body, origin);
        match perform(shared, call).await {
            Ok(done) => made.push(format!("{told} → {}", done.answer.status)),
            Err(error) => {
                let before = if made.is_empty() { String::new() } else { format!("{}. Then: ", made.join(", ")) };
                return Err(format!("{before}{told} → {}: {}", error.status(), error.reason()));
            }
        }
    }
    match made.is_empty() {
        true => Err("Nothing was changed: the form asks for nothing.".to_owned()),
        false => Ok(made.join(", ")),
    }
}

fn steps(world: &World, name: &str, form: &Form) -> Option<Steps> {
    Some(match name {
        "joiner" => Ok(joiner(form)),
        "mover" => mover(world, form),
        "lifecycle" => lifecycle(form),
        "assign" => assign(form),
        "unassign" => unassign(form),
        "import" => import(form),
        "confirm" => confirm(form),
        "push" => push(form),
        "clock" => clock(world, form),
        "fault" => fault(form),
        "no-faults" => Ok(vec![control(Method::DELETE, &["faults"], None)]),
        "retry" => need(form, "task").map(|task| vec![control(Method::POST, &["tasks", task, "retry"], None)]),
        "reset" if form.value("sure").is_none() => Err("Tick that you are sure.".to_owned()),
        "reset" => Ok(vec![control(Method::POST, &["reset"], None)]),
        _ => return None,
    })
}

fn joiner(form: &Form) -> Vec<Step> {
    let text = |name: &str| form.value(name).map(Value::from);
    let mut profile: Map<String, Value> = ["firstName", "lastName", "login", "title", "department", "manager"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), text(name)?)))
        .collect();
    if let Some(login) = text("login") {
        profile.insert("email".to_owned(), login);
    }
    let groups: Vec<&str> = form.values("group").collect();
    let mut body = json!({ "profile": profile, "groupIds": groups });
    let query = if form.value("activate").is_some() { "activate=true" } else { "activate=false" };
    // Who has no password is PROVISIONED until the first sign-in, and cannot be suspended before. Nobody signs in here.
    if let Some(password) = random().filter(|_| form.value("activate").is_some()) {
        body["credentials"] = json!({ "password": { "value": password } });
    }
    vec![Step { query, ..api(Method::POST, &["users"], Some(body)) }]
}

fn mover(world: &World, form: &Form) -> Steps {
    let person = need(form, "person")?;
    let known = crate::resources::users::find(world, person).map_err(|error| error.reason())?;
    let profile = world.org.person(&known).map(|person| &person.profile);
    let mut changes = Map::new();
    for key in ["title", "department", "manager"] {
        let before = profile.and_then(|profile| profile.value(key)).unwrap_or_default();
        match form.value(key) {
            Some(after) if after != before => drop(changes.insert(key.to_owned(), Value::from(after))),
            None if form.value("erase").is_some() && !before.is_empty() => {
                changes.insert(key.to_owned(), Value::Null);
            }
            _ => {}
        }
    }
    let mut steps = Vec::new();
    if !changes.is_empty() {
        steps.push(api(Method::POST, &["users", &known], Some(json!({ "profile": changes }))));
    }
    let member = |method: Method, group: &str| api(method, &["groups", group, "users", &known], None);
    steps.extend(form.values("into").map(|group| member(Method::PUT, group)));
    steps.extend(form.values("out").map(|group| member(Method::DELETE, group)));
    Ok(steps)
}

fn lifecycle(form: &Form) -> Steps {
    let (person, operation) = (need(form, "person")?, need(form, "operation")?);
    match operation {
        "activate" | "deactivate" | "suspend" | "unsuspend" => {
            let query = if operation == "activate" { "sendEmail=false" } else { "" };
            Ok(vec![Step { query, ..api(Method::POST, &["users", person, "lifecycle", operation], None) }])
        }
        _ => Err("There is no such operation.".to_owned()),
    }
}

fn assign(form: &Form) -> Steps {
    let body = json!({ "id": need(form, "person")?, "scope": "USER" });
    Ok(vec![api(Method::POST, &["apps", need(form, "app")?, "users"], Some(body))])
}

fn unassign(form: &Form) -> Steps {
    Ok(vec![api(Method::DELETE, &["apps", need(form, "app")?, "users", need(form, "person")?], None)])
}

fn import(form: &Form) -> Steps {
    let body = json!({ "app": need(form, "app")? });
    Ok(vec![control(Method::POST, &["import"], Some(body))])
}

fn confirm(form: &Form) -> Steps {
    let body = json!({ "app": need(form, "app")?, "everybody": form.value("everybody").is_some() });
    Ok(vec![control(Method::POST, &["import", "confirm"], Some(body))])
}

fn push(form: &Form) -> Steps {
    let (app, group) = match form.value("push") {
        Some(both) => both.split_once(' ').ok_or("push: it is no app and group")?,
        None => (need(form, "app")?, need(form, "group")?),
    };
    Ok(vec![control(Method::POST, &["push"], Some(json!({ "app": app, "group": group })))])
}

fn clock(world: &World, form: &Form) -> Steps {
    let seconds = match form.value("to") {
        Some(text) => until(world, text)?,
        None => number(need(form, "seconds")?)?,
    };
    Ok(vec![control(Method::POST, &["clock", "advance"], Some(json!({ "seconds": seconds })))])
}

/// Returns the seconds to a moment, which has to lie ahead.
fn until(world: &World, text: &str) -> Result<u64, String> {
    let moment = text.parse::<DateTime>().ok().and_then(|moment| moment.to_zoned(TimeZone::UTC).ok());
    let moment: Timestamp = moment.ok_or_else(|| format!("{text} is no date and time"))?.timestamp();
    let now = world.clock.began.saturating_add(i64::try_from(world.org.now()).unwrap_or(i64::MAX));
    u64::try_from(moment.as_second().saturating_sub(now))
        .map_err(|_| format!("{text} is over already; the clock does not go back"))
}

fn fault(form: &Form) -> Steps {
    let kind = need(form, "kind")?;
    let mut body = Map::new();
    body.insert("kind".to_owned(), Value::from(kind));
    // The form has fields for every kind; a fault takes those of its own.
    let numbers: &[&str] = match kind {
        "status" => &["status", "retryAfter", "times"],
        "delay" => &["milliseconds", "times"],
        _ => &["times"],
    };
    for name in numbers {
        if let Some(text) = form.value(name) {
            body.insert((*name).to_owned(), Value::from(number(text)?));
        }
    }
    for name in ["method", "path", "app"] {
        form.value(name).map(|text| body.insert(name.to_owned(), Value::from(text)));
    }
    Ok(vec![control(Method::POST, &["faults"], Some(Value::Object(body)))])
}

fn api(method: Method, segments: &[&str], body: Option<Value>) -> Step {
    Step { method, path: format!("/api/v1{}", path(segments)), query: "", body }
}

fn control(method: Method, segments: &[&str], body: Option<Value>) -> Step {
    Step { method, path: format!("/_mock{}", path(segments)), query: "", body }
}

fn need<'a>(form: &'a Form, name: &str) -> Result<&'a str, String> {
    form.value(name).ok_or_else(|| format!("{name}: nothing was filled in"))
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{text} is no whole number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Clock;

    fn world() -> World {
        World::new("acme", "acme", Clock::starting(1_767_603_600))
    }

    fn step(name: &str, form: &str) -> Steps {
        steps(&world(), name, &Form::parse(form)).unwrap()
    }

    #[test]
    fn a_joiner_is_one_call() {
        let form = "firstName=Lucy&lastName=Winter&login=lucy%40example.com&title=&group=00g1&group=00g2&activate=yes";
        let steps = step("joiner", form).unwrap();
        assert_eq!((steps.len(), steps[0].path.as_str(), steps[0].query), (1, "/api/v1/users", "activate=true"));
        let body = steps[0].body.as_ref().unwrap();
        assert_eq!(body["groupIds"], json!(["00g1", "00g2"]));
        assert_eq!((&body["profile"]["email"], body["profile"].get("title")), (&json!("lucy@example.com"), None));
    }

    #[test]
    fn what_is_typed_stays_within_its_segment() {
        let steps = step("lifecycle", "person=..%2Fapps%3F&operation=suspend").unwrap();
        assert_eq!(steps[0].path, "/api/v1/users/..%2Fapps%3F/lifecycle/suspend");
        assert!(step("lifecycle", "person=lucy&operation=delete").is_err());
        assert!(step("retry", "").is_err());
        assert!(steps.len() == 1 && super::steps(&world(), "anything", &Form::default()).is_none());
    }

    #[test]
    fn the_clock_goes_ahead_only() {
        let seconds = |form: &str| step("clock", form).map(|steps| steps[0].body.as_ref().unwrap()["seconds"].clone());
        assert_eq!(seconds("to=2026-01-05T09:01:00"), Ok(json!(60)));
        assert_eq!(seconds("to=2026-01-05T09:01"), Ok(json!(60)));
        assert_eq!(seconds("seconds=3600"), Ok(json!(3600)));
        for form in ["to=2026-01-05T08:59", "to=yesterday", "seconds=-1", ""] {
            assert!(seconds(form).is_err(), "{form}");
        }
    }

    #[test]
    fn a_fault_takes_the_fields_of_its_kind() {
        let body = |form: &str| step("fault", form).unwrap()[0].body.clone().unwrap();
        let all = "status=503&milliseconds=2000&retryAfter=&times=1&method=POST&path=&app=";
        assert_eq!(
            body(&format!("kind=status&{all}")),
            json!({ "kind": "status", "status": 503, "times": 1, "method": "POST" })
        );
        assert_eq!(
            body(&format!("kind=delay&{all}")),
            json!({ "kind": "delay", "milliseconds": 2000, "times": 1, "method": "POST" })
        );
    }

    #[test]
    fn a_reset_wants_to_be_meant() {
        assert!(step("reset", "").is_err() && step("reset", "sure=yes").is_ok());
    }
}
