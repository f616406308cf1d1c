//! Whatever is sent, every fault does what its name says and none falls over.

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};

use scim_specimen::Fault;
use serde_json::json;

use crate::client::{Client, GROUP, ada};

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_panics_on_a_body_of_another_shape() {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        before(info);
    }));
    let start = Client::start(0, &[]).await;
    let mut fallen = Vec::new();
    for fault in Fault::faults().iter().chain(Fault::quirks()) {
        let client = start.another(1, &[*fault]).await;
        let user = client.create("ada").await;
        let group = client.post("/Groups", json!({ "schemas": [GROUP], "displayName": "team" })).await;
        let group = format!("/Groups/{}", group.json["id"].as_str().unwrap_or("no-id"));
        for (method, target) in [("POST", "/Users"), ("PUT", &*user), ("PATCH", &*user), ("PATCH", &*group)] {
            for body in BODIES {
                client.send(method, target, client.headers.clone(), (*body).to_owned()).await;
            }
        }
        client.send("POST", "/Bulk", client.headers.clone(), "[]".to_owned()).await;
        client.post("/Users", ada("bob")).await;
        client.get("/Users?filter=userName%20eq%20%22bob%22").await;
        if PANICS.swap(0, Ordering::Relaxed) > 0 {
            fallen.push(fault.name());
        }
    }
    assert!(fallen.is_empty(), "these panic: {fallen:?}");
}

const BODIES: &[&str] = &[
    "[]",
    "[1]",
    "null",
    "\"text\"",
    "17",
    "{}",
    r#"{"Operations":{}}"#,
    r#"{"Operations":[null,[],"x",{"op":7,"path":[],"value":null}]}"#,
    r#"{"schemas":"x","Operations":[{"op":"replace","value":[1]}]}"#,
    r#"{"schemas":[null],"userName":{},"emails":"a","name":[],"members":{"value":[]},"meta":7,"active":"maybe"}"#,
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"members","value":7}]}"#,
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","value":[[]]}]}"#,
];
