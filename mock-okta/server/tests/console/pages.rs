//! What pages show.

use mock_okta_server::{Config, Seed};
use serde_json::json;

use super::client::{Stage, person};
use super::visitor::Visitor;

/// Markup, an order that is not what it seems, a terminal's colours, and quotes.
const HOSTILE: &str = "\"'><script>alert(1)</script>\u{202e}gnp\u{1b}[31m<img src=x onerror=alert(2)>";

#[tokio::test]
async fn what_people_and_servers_say_is_text() {
    let stage = Stage::start().await;
    let body = json!({ "profile": { "name": HOSTILE, "description": HOSTILE } });
    let group = stage.post("/api/v1/groups", body).await.expect(200)["id"].as_str().unwrap().to_owned();
    let mut lucy = person("lucy@example.com");
    for key in ["firstName", "lastName", "displayName", "title", "department"] {
        lucy["profile"][key] = json!(HOSTILE);
    }
    lucy["groupIds"] = json!([group]);
    let lucy = stage.post("/api/v1/users?activate=true", lucy).await.expect(200)["id"].as_str().unwrap().to_owned();
    stage.assign(&lucy).await.expect(200);
    let push = json!({ "sourceGroupId": group, "targetGroupName": HOSTILE });
    stage.post(&format!("/api/v1/apps/{}/group-push/mappings", stage.app), push).await.expect(201);
    let fault = json!({ "kind": "status", "status": 500, "path": HOSTILE });
    stage.post("/_mock/faults", fault).await.expect(201);
    stage.post("/_mock/faults", json!({ "kind": "status", "status": 500 })).await.expect(201);
    stage.post(&format!("/api/v1/users/{lucy}"), json!({ "profile": { "title": "Lead" } })).await.expect(200);

    let visitor = Visitor::signed_in(&stage).await;
    let paths = [
        "/console".to_owned(),
        "/console?type=%3Cscript%3E&person=%22%3E%3Cscript%3Ealert(1)".to_owned(),
        "/console/people?q=%3Cscript%3E".to_owned(),
        "/console/people".to_owned(),
        format!("/console/people/{lucy}"),
        "/console/groups".to_owned(),
        format!("/console/groups/{group}"),
        "/console/apps".to_owned(),
        format!("/console/apps/{}", stage.app),
        format!("/console/apps/{}/people/{lucy}", stage.app),
        "/console/tasks".to_owned(),
        "/console/stage".to_owned(),
        "/console/exchanges/2".to_owned(),
        "/console/hooks".to_owned(),
        "/console/flows".to_owned(),
    ];
    let mut marked = 0;
    for path in paths {
        let page = visitor.get(&path).await.expect(200);
        let lower = page.to_ascii_lowercase();
        for forbidden in
            ["<script>", "<img", "\u{202e}", "\u{1b}", "onerror=alert(2)>", "javascript:", " style=", " onclick"]
        {
            assert!(!lower.contains(forbidden), "{path} has {forbidden:?}");
        }
        assert_eq!(page.matches("<script").count(), 1, "{path}");
        marked += usize::from(page.contains("<span class=\"mark\">U+202E</span>"));
    }
    assert!(marked >= 8, "{marked}");
}

#[tokio::test]
async fn the_timeline_tells_event_cause_calls_change_and_verdict() {
    let stage = Stage::start().await;
    let ada = stage.person("ada@example.com").await;
    stage.assign(&ada).await.expect(200);
    let title = json!({ "profile": { "title": "Countess" } });
    stage.post(&format!("/api/v1/users/{ada}"), title).await.expect(200);
    stage.post("/_mock/faults", json!({ "kind": "status", "status": 503, "times": 1 })).await.expect(201);
    let title = json!({ "profile": { "title": "Engineer" } });
    stage.post(&format!("/api/v1/users/{ada}"), title).await.expect(200);

    let visitor = Visitor::signed_in(&stage).await;
    let page = visitor.get("/console").await.expect(200);
    for told in [
        "Push new user to external application",
        "assigned directly",
        "<b class=\"method\">POST</b> <code class=\"path\">/Users</code> <b class=\"status good\">201</b>",
        "profile changed",
        "<del>Countess</del>",
        "<ins>Engineer</ins>",
        "fault: status",
        "<strong>Failed: </strong>",
        &format!("POST /api/v1/apps/{}/users", stage.app),
    ] {
        assert!(page.contains(told), "{told} is missing");
    }
    assert!(page.find("Engineer") < page.find("Create Okta user"), "the newest comes first");

    let only = |query: &'static str| {
        let visitor = &visitor;
        async move {
            let page = visitor.get(&format!("/console?{query}")).await.expect(200);
            page.matches("<li class=\"entry ").count()
        }
    };
    assert_eq!(only("verdict=task").await, 1);
    assert_eq!(only("type=application.provision.user.push&person=ada").await, 3, "push, and twice push_profile");
    assert_eq!(only("type=user.lifecycle.create&person=nobody-at-all").await, 0);
    assert_eq!(only("app=0oa-none").await, 0);
    assert!(only("call=1").await >= 2);
    let tasks = visitor.get("/console/tasks").await.expect(200);
    assert!(tasks.contains("action=\"/console/act/retry\"") && tasks.contains("push-profile"), "{tasks}");
}

#[tokio::test]
async fn no_link_of_the_timeline_leads_to_what_is_gone() {
    let stage = Stage::start().await;
    let ada = stage.person("ada@example.com").await;
    let crew = stage.post("/api/v1/groups", json!({ "profile": { "name": "Night Watch" } })).await.expect(200);
    let crew = crew["id"].as_str().unwrap();
    let push = json!({ "sourceGroupId": crew, "targetGroupName": "Night Watch" });
    let mapping = stage.post(&format!("/api/v1/apps/{}/group-push/mappings", stage.app), push).await.expect(201);
    stage.assign(&ada).await.expect(200);
    let mapping = mapping["id"].as_str().unwrap();
    let mapping = format!("/api/v1/apps/{}/group-push/mappings/{mapping}", stage.app);
    stage.call("PATCH", &mapping, Some(json!({ "status": "INACTIVE" }))).await;
    stage.call("DELETE", &format!("{mapping}?deleteTargetGroup=false"), None).await.expect(204);
    stage.call("DELETE", &format!("/api/v1/groups/{crew}"), None).await.expect(204);
    for _ in 0..2 {
        stage.call("DELETE", &format!("/api/v1/users/{ada}"), None).await.expect(204);
    }
    let visitor = Visitor::signed_in(&stage).await;
    let page = visitor.get("/console").await.expect(200);
    assert!(page.contains("changed </span>group Night Watch"), "{page}");
    let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let links: std::collections::BTreeSet<&str> = links.filter(|link| link.starts_with("/console/")).collect();
    assert!(links.len() > 5, "{links:?}");
    for link in links {
        visitor.get(&link.replace("&amp;", "&")).await.expect(200);
    }
}

#[tokio::test]
async fn an_account_is_explained() {
    let stage = Stage::seeded(SEED).await;
    stage.settle().await;
    let visitor = Visitor::signed_in(&stage).await;
    let lucy = stage.get("/api/v1/users/lucy@example.com").await.expect(200)["id"].as_str().unwrap().to_owned();
    let page = visitor.get(&format!("/console/apps/{}/people/{lucy}", stage.app)).await.expect(200);
    let text = page.replace("&quot;", "\"");
    for told in
        ["Through group", "Support</a>", "rule Support: user.department == \"Support\"", "PROVISIONED", "SYNCHRONIZED"]
    {
        assert!(text.contains(told), "{told} is missing: {text}");
    }
    assert!(!text.contains("Assigned directly, by hand."));
    stage.assign(&lucy).await.expect(200);
    let app_user = format!("/api/v1/apps/{}/users/{lucy}", stage.app);
    stage.post(&app_user, json!({ "profile": { "nickName": "Lu" } })).await.expect(200);
    let page = visitor.get(&format!("/console/apps/{}/people/{lucy}", stage.app)).await.expect(200);
    for told in ["Assigned directly, by hand.", "set for this person", "the Okta profile"] {
        assert!(page.contains(told), "{told} is missing: {page}");
    }
}

const SEED: &str = r#"
org = "example"

[[group]]
name = "Support"

[[person]]
login = "lucy@example.com"
first-name = "Lucy"
last-name = "Winter"
profile = { department = "Support" }

[[rule]]
name = "Support"
expression = 'user.department == "Support"'
groups = ["Support"]

[[app]]
label = "OktReward"
attributes.nickName = { external-name = "nickName", external-namespace = "urn:ietf:params:scim:schemas:core:2.0:User" }
groups = ["Support"]
"#;

#[tokio::test]
async fn ten_thousand_entries_are_many_pages() {
    let people = (0..5000).map(|number| {
        format!("[[person]]\nlogin = \"p{number}@example.com\"\nfirst-name = \"P{number}\"\nlast-name = \"X\"\n")
    });
    let seed = format!("org = \"big\"\n{}", people.collect::<String>());
    let seed = Seed::parse(&seed).expect("a seed");
    let stage = Stage::start_with(Config { seed, ..Config::default() }).await;
    let visitor = Visitor::signed_in(&stage).await;
    let (mut path, mut seen, mut pages) = ("/console".to_owned(), std::collections::BTreeSet::new(), 0);
    loop {
        let page = visitor.get(&path).await.expect(200);
        assert!(page.len() < 200 << 10, "{} bytes", page.len());
        let ids = page.split("id=\"e").skip(1).filter_map(|rest| rest.split('"').next()?.parse::<u64>().ok());
        let before = seen.len();
        seen.extend(ids);
        assert!((1..=40).contains(&(seen.len() - before)), "{path}");
        pages += 1;
        let older = page.split("href=\"").filter(|rest| rest.contains(">Older</a>")).last();
        match older.and_then(|rest| rest.split_once("\">Older</a>")) {
            Some((target, _)) => path = target.to_owned(),
            None => break,
        }
    }
    assert!(seen.len() >= 10_000 && seen.len() == seen.last().map_or(0, |last| *last as usize + 1), "{}", seen.len());
    assert_eq!(pages, seen.len().div_ceil(40));

    let people = visitor.get("/console/people?page=100").await.expect(200);
    assert!(people.contains("Page 100 of 100") && people.contains("P4999 X"), "{people}");
    assert!(visitor.get("/console/people?page=99999999999999").await.expect(200).contains("Page 100 of 100"));
    let found = visitor.get("/console/people?q=p4321%40").await.expect(200);
    assert!(found.contains("1 of 5000 people"), "{found}");
    let group = stage.group("Everyone").await;
    let group = visitor.get(&format!("/console/groups/{group}?page=100")).await.expect(200);
    assert!(group.contains("Members (5000)") && group.contains("everybody is"), "{group}");
}
