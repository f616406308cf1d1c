//! The authenticated subject (RFC 7644 §3.11).

use scim_specimen::Config;
use serde_json::json;

use crate::client::{Client, USER};

#[tokio::test]
async fn me_is_the_user_and_tells_the_permanent_uri() {
    let client = Client::start_with(Config { me: Some("Ada".into()), ..Config::default() }).await;
    client.get("/Me").await.refused(404, "");
    let ada = client.create("ada").await;
    let me = client.get("/Me").await;
    assert_eq!((me.status, me.json.clone()), (200, client.get(&ada).await.json));
    assert_eq!(me.header("location"), format!("{}{ada}", client.specimen.base_url));
    assert_eq!(me.json["meta"]["location"], me.header("location"));

    assert_eq!(client.patch("/Me", json!([{ "op": "add", "path": "title", "value": "T" }])).await.json["title"], "T");
    let put = client.put("/Me?attributes=title", json!({ "schemas": [USER], "userName": "ada", "title": "U" })).await;
    assert_eq!((put.json["title"].as_str(), put.header("location")), (Some("U"), me.header("location")));
    client.post("/Me", json!({ "schemas": [USER], "userName": "ada" })).await.refused(501, "");
    assert_eq!(client.delete("/Me").await.status, 204);
    client.get(&ada).await.refused(404, "");
}
