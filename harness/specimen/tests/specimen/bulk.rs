//! Bulk requests (RFC 7644 §3.7).

use scim_specimen::Config;
use serde_json::{Value, json};

use crate::client::{Answer, Client, ENTERPRISE, GROUP, PATCH, USER};

const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

async fn bulk(client: &Client, operations: Value) -> Answer {
    client.post("/Bulk", json!({ "schemas": [REQUEST], "Operations": operations })).await
}

fn post(path: &str, bulk_id: &str, data: Value) -> Value {
    json!({ "method": "POST", "path": path, "bulkId": bulk_id, "data": data })
}

fn user(name: &str) -> Value {
    json!({ "schemas": [USER], "userName": name })
}

fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    json!({ "schemas": [GROUP], "displayName": name, "members": members })
}

fn statuses(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json["schemas"], json!([RESPONSE]));
    let operations = answer.json["Operations"].as_array().unwrap();
    operations.iter().map(|operation| operation["status"].as_str().unwrap()).collect()
}

/// Returns the target of what an operation of an answer is about.
fn target(client: &Client, answer: &Answer, at: usize) -> String {
    let location = answer.json["Operations"][at]["location"].as_str().unwrap();
    location.strip_prefix(&client.specimen.base_url).unwrap().to_owned()
}

fn members(group: &Answer) -> Vec<&str> {
    let members = group.json["members"].as_array().into_iter().flatten();
    members.map(|member| member["value"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_method_is_performed_and_told() {
    let client = Client::start(0, &[]).await;
    let (kept, gone) = (client.create("kept").await, client.create("gone").await);
    let version = client.get(&kept).await.json["meta"]["version"].clone();
    let patch = json!({ "schemas": [PATCH], "Operations": [{ "op": "replace", "path": "title", "value": "T" }] });
    let answer = bulk(
        &client,
        json!([
            post("/Users", "u", user("made")),
            { "method": "PUT", "path": kept, "version": version, "data": user("kept") },
            { "method": "PATCH", "path": kept.trim_start_matches('/'), "data": patch },
            { "method": "DELETE", "path": gone },
        ]),
    )
    .await;
    assert_eq!(statuses(&answer), ["201", "200", "200", "204"]);
    let operations = &answer.json["Operations"];
    assert_eq!(operations[0]["bulkId"], "u");
    let made = client.get(&target(&client, &answer, 0)).await;
    assert_eq!(made.json["userName"], "made");
    assert_eq!(operations[0]["version"], made.json["meta"]["version"]);
    assert_eq!(target(&client, &answer, 2), kept);
    assert_eq!(client.get(&kept).await.json["title"], "T");
    assert_eq!(client.get(&target(&client, &answer, 3)).await.status, 404);
    assert!(operations.as_array().unwrap().iter().all(|operation| operation.get("response").is_none()));
}

#[tokio::test]
async fn references_are_resolved_in_either_order() {
    let client = Client::start(0, &[]).await;
    let managed = json!({
        "schemas": [USER, ENTERPRISE], "userName": "managed", ENTERPRISE: { "manager": { "value": "bulkId:boss" } },
    });
    let answer = bulk(
        &client,
        json!([
            post("/Groups", "crew", group("Crew", &["bulkId:managed", "bulkId:boss"])),
            post("/Users", "managed", managed),
            post("/Users", "boss", user("boss")),
            {
                "method": "PATCH", "path": "/Groups/bulkId:crew",
                "data": { "schemas": [PATCH], "Operations": [{ "op": "remove", "path": "members[value eq \"bulkId:boss\"]" }] },
            },
        ]),
    )
    .await;
    assert_eq!(statuses(&answer), ["201", "201", "201", "200"], "{}", answer.text);
    let (crew, managed, boss) = (target(&client, &answer, 0), target(&client, &answer, 1), target(&client, &answer, 2));
    let id = |target: &str| target.rsplit('/').next().unwrap().to_owned();
    assert_eq!(members(&client.get(&crew).await), [id(&managed)]);
    assert_eq!(client.get(&managed).await.json[ENTERPRISE]["manager"]["value"], id(&boss));
}

#[tokio::test]
async fn a_circle_of_references_is_closed() {
    let client = Client::start(0, &[]).await;
    let answer = bulk(
        &client,
        json!([
            post("/Groups", "a", group("A", &["bulkId:b"])),
            post("/Groups", "b", group("B", &["bulkId:a", "bulkId:ab"])),
            post("/Users", "ab", user("ab")),
        ]),
    )
    .await;
    assert_eq!(statuses(&answer), ["201", "201", "201"]);
    let (a, b) = (client.get(&target(&client, &answer, 0)).await, client.get(&target(&client, &answer, 1)).await);
    assert_eq!(members(&a), [b.id()]);
    assert_eq!(members(&b)[0], a.id());
    assert_eq!(members(&b).len(), 2);
    assert_eq!(answer.json["Operations"][0]["version"], a.json["meta"]["version"]);
}

#[tokio::test]
async fn a_circle_that_breaks_leaves_nothing_behind() {
    let client = Client::start(0, &[]).await;
    let nameless = json!({ "schemas": [GROUP], "members": [{ "value": "bulkId:a" }] });
    let answer =
        bulk(&client, json!([post("/Groups", "a", group("A", &["bulkId:b"])), post("/Groups", "b", nameless)])).await;
    assert_eq!(statuses(&answer), ["409", "400"]);
    assert_eq!(answer.json["Operations"][0].get("location"), None);
    assert_eq!(client.get("/Groups").await.json["totalResults"], 0);
}

#[tokio::test]
async fn references_that_lead_nowhere_are_refused() {
    let client = Client::start(0, &[]).await;
    let answer = bulk(
        &client,
        json!([
            post("/Groups", "a", group("A", &["bulkId:nobody"])),
            post("/Users", "b", json!({ "schemas": [USER] })),
            post("/Groups", "c", group("C", &["bulkId:b"])),
        ]),
    )
    .await;
    assert_eq!(statuses(&answer), ["400", "400", "409"]);
    for operation in answer.json["Operations"].as_array().unwrap() {
        assert_eq!(operation["response"]["status"], operation["status"]);
        assert_eq!(operation.get("location"), None, "a creation that failed has no location");
    }
    assert_eq!(client.get("/Groups").await.json["totalResults"], 0);
}

#[tokio::test]
async fn a_failure_stops_the_job_only_if_it_is_told_to() {
    let client = Client::start(0, &[]).await;
    let operations = |name: &str| {
        let first = format!("{name}1");
        let last = format!("{name}3");
        json!([post("/Users", "1", user(&first)), post("/Users", "2", user(&first)), post("/Users", "3", user(&last))])
    };
    assert_eq!(statuses(&bulk(&client, operations("on")).await), ["201", "409", "201"]);
    let body = json!({ "schemas": [REQUEST], "failOnErrors": 1, "Operations": operations("off") });
    assert_eq!(statuses(&client.post("/Bulk", body).await), ["201", "409"]);
    assert_eq!(client.lookup("off1").await.json["totalResults"], 1);
    assert_eq!(client.lookup("off3").await.json["totalResults"], 0);
}

#[tokio::test]
async fn what_is_no_operation_is_refused_in_its_place() {
    let client = Client::start(0, &[]).await;
    let there = client.create("there").await;
    let answer = bulk(
        &client,
        json!([
            { "method": "POST", "path": "/Users", "data": user("a") },
            { "method": "GET", "path": there },
            { "method": "PUT", "path": there },
            { "method": "DELETE" },
            post("/Bulk", "b", json!({})),
            post(&there, "c", user("c")),
            { "method": "DELETE", "path": "/Users" },
            post("/Users", "d", user("d")),
            post("/Users", "d", user("d2")),
            { "method": "PUT", "path": there, "version": "W/\"stale\"", "data": user("there") },
            { "method": "DELETE", "path": "/Users/nobody" },
        ]),
    )
    .await;
    let wanted = ["400", "400", "400", "400", "400", "400", "400", "201", "400", "412", "404"];
    assert_eq!(statuses(&answer), wanted, "{}", answer.text);
    assert_eq!(target(&client, &answer, 2), there, "an operation that failed is located all the same");
    assert_eq!(target(&client, &answer, 10), "/Users/nobody");
    assert_eq!(client.get("/Users").await.json["totalResults"], 2);
}

#[tokio::test]
async fn a_message_that_is_wrong_or_too_long_fails_as_a_whole() {
    let config = Config { max_operations: 2, max_payload: 2000, ..Config::default() };
    let client = Client::start_with(config).await;
    let offered = client.get("/ServiceProviderConfig").await.json["bulk"].clone();
    assert_eq!(offered, json!({ "supported": true, "maxOperations": 2, "maxPayloadSize": 2000 }));
    client.post("/Bulk", json!({ "Operations": [] })).await.refused(400, "invalidSyntax");
    bulk(&client, json!([])).await.refused(400, "invalidSyntax");
    bulk(&client, json!({})).await.refused(400, "invalidSyntax");
    let three = json!([post("/Users", "1", user("1")), post("/Users", "2", user("2")), post("/Users", "3", user("3"))]);
    let refused = bulk(&client, three).await;
    refused.refused(413, "");
    assert!(refused.json["detail"].as_str().unwrap().contains("maxOperations (2)"));
    let long = bulk(&client, json!([post("/Users", "1", user(&"x".repeat(2000)))])).await;
    long.refused(413, "");
    assert!(long.json["detail"].as_str().unwrap().contains("2000"));
    let body = json!({ "schemas": [REQUEST], "failOnErrors": 0, "Operations": [post("/Users", "1", user("1"))] });
    client.post("/Bulk", body).await.refused(400, "invalidValue");
    assert_eq!(client.get("/Users").await.json["totalResults"], 0);
    assert_eq!(client.get("/Bulk").await.status, 405);
}
