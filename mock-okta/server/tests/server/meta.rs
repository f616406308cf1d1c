//! Who one is, what profiles look like and how they are mapped; descriptions of groups and the end of an app.

use serde_json::{Value, json};

use super::client::Stage;

#[tokio::test]
async fn me_is_the_owner_of_the_token_and_in_no_list() {
    let stage = Stage::start().await;
    let me = stage.get("/api/v1/users/me").await.expect(200);
    assert_eq!((&me["status"], &me["profile"]["login"]), (&json!("ACTIVE"), &json!("administrator@acme.example.com")));
    let id = me["id"].as_str().expect("an id").to_owned();
    assert_eq!(stage.get(&format!("/api/v1/users/{id}")).await.expect(200), me);
    let people = stage.get("/api/v1/users").await.expect(200);
    assert!(people.as_array().expect("an array").iter().all(|person| person["id"] != id), "{people}");

    let title = json!({ "profile": { "title": "Owner", "firstName": "Alicia" } });
    let updated = stage.post("/api/v1/users/me", title).await.expect(200);
    assert_eq!((&updated["profile"]["title"], &updated["profile"]["firstName"]), (&json!("Owner"), &json!("Alicia")));
    let whole = json!({ "profile": { "login": "alicia@acme.example.com", "email": "alicia@acme.example.com",
        "firstName": "Alicia", "lastName": "Autumn" } });
    let replaced = stage.call("PUT", "/api/v1/users/me", Some(whole)).await.expect(200);
    assert_eq!((replaced["profile"].get("title"), &replaced["id"]), (None, &me["id"]));
    let log = stage.get("/api/v1/logs?sortOrder=DESCENDING&limit=1").await.expect(200);
    assert_eq!((&log[0]["eventType"], &log[0]["target"][0]["id"]), (&json!("user.account.update_profile"), &me["id"]));
    assert_eq!(
        (&log[0]["actor"]["alternateId"], &log[0]["actor"]["displayName"]),
        (&json!("alicia@acme.example.com"), &json!("Alicia Autumn"))
    );
    stage.post("/api/v1/users/me", json!({ "profile": { "shoeSize": "38" } })).await.expect_error(400, "E0000001");
    assert_eq!(stage.get("/_mock/journal").await.expect(200), json!([]), "nobody is told");
}

#[tokio::test]
async fn the_schema_of_users_names_what_a_user_can_have() {
    let stage = Stage::start().await;
    let schema = stage.get("/api/v1/meta/schemas/user/default").await.expect(200);
    let base = schema["definitions"]["base"]["properties"].as_object().expect("properties").clone();
    assert_eq!(
        (base.len(), &base["login"]["title"], &base["primaryPhone"]["title"]),
        (31, &json!("Username"), &json!("Primary phone"))
    );
    assert_eq!(schema["definitions"]["base"]["required"], json!(["login", "firstName", "lastName", "email"]));
    let mut profile = json!({ "login": "ada@example.com", "email": "ada@example.com" });
    for key in base.keys().filter(|key| !["login", "email", "secondEmail"].contains(&key.as_str())) {
        profile[key] = json!("value");
    }
    stage.post("/api/v1/users", json!({ "profile": profile })).await.expect(200);

    let types = stage.get("/api/v1/meta/types/user").await.expect(200);
    assert_eq!((types.as_array().map(Vec::len), &types[0]["default"]), (Some(1), &json!(true)));
    let ada = stage.get("/api/v1/users/ada").await.expect(200);
    assert_eq!(types[0]["id"], ada["type"]["id"]);
    for id in ["default", types[0]["id"].as_str().expect("an id")] {
        assert_eq!(stage.get(&format!("/api/v1/meta/types/user/{id}")).await.expect(200), types[0]);
    }
    stage.get("/api/v1/meta/types/user/oty1").await.expect_error(404, "E0000007");
    let followed = types[0]["_links"]["schema"]["href"].as_str().expect("a link");
    assert_eq!(stage.get(followed).await.expect(200), schema);
}

#[tokio::test]
async fn mappings_say_what_goes_which_way() {
    let stage = Stage::start().await;
    let mappings = stage.get("/api/v1/mappings").await.expect(200);
    assert_eq!(mappings.as_array().map(Vec::len), Some(2));
    let to_app = stage.get(&format!("/api/v1/mappings?targetId={}", stage.app)).await.expect(200);
    assert_eq!((to_app.as_array().map(Vec::len), &to_app[0]["source"]["type"]), (Some(1), &json!("user")));
    assert_eq!(to_app[0].get("properties"), None);
    let path = format!("/api/v1/mappings/{}", to_app[0]["id"].as_str().expect("an id"));
    let mapping = stage.get(&path).await.expect(200);
    let keys: Vec<&String> = mapping.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["id", "source", "target", "properties", "_links"]);
    let given_name = json!({ "expression": "user.firstName", "pushStatus": "PUSH" });
    assert_eq!(mapping["properties"]["givenName"], given_name);
    // Every mapped attribute is one of the app's profile.
    let schema = stage.get(mapping["target"]["_links"]["schema"]["href"].as_str().expect("a link")).await.expect(200);
    for key in mapping["properties"].as_object().expect("properties").keys() {
        assert!(schema["definitions"]["base"]["properties"].get(key).is_some(), "{key}");
    }
    let back = stage.get(&format!("/api/v1/mappings?sourceId={}", stage.app)).await.expect(200);
    let back = stage.get(&format!("/api/v1/mappings/{}", back[0]["id"].as_str().expect("an id"))).await.expect(200);
    assert_eq!(back["properties"]["firstName"]["expression"], "appuser.givenName");
    assert!(stage.get("/api/v1/mappings?limit=1").await.next().is_some());
    stage.get("/api/v1/mappings/prm1").await.expect_error(404, "E0000007");
    stage.post(&path, json!({ "properties": {} })).await.expect_error(405, "E0000022");
}

#[tokio::test]
async fn a_group_is_described_anew() {
    let stage = Stage::start().await;
    let path = format!("/api/v1/groups/{}", stage.group("Customer Support").await);
    let body = |name: &str, text: Value| Some(json!({ "profile": { "name": name, "description": text } }));
    for (name, text) in
        [("Customer Support", json!("All who help")), ("Care", json!("All who care")), ("Care", Value::Null)]
    {
        let group = stage.call("PUT", &path, body(name, text.clone())).await.expect(200);
        assert_eq!((&group["profile"]["name"], &group["profile"]["description"]), (&json!(name), &text));
    }
    let told = stage.get("/api/v1/logs?filter=eventType+eq+%22group.profile.update%22").await.expect(200);
    assert_eq!(told.as_array().map(Vec::len), Some(4));
}

#[tokio::test]
async fn deleting_an_app_sends_nothing_and_leaves_no_trace_of_it_in_the_org() {
    let stage = Stage::start().await;
    let ada = stage.person("ada@example.com").await;
    stage.assign(&ada).await.expect(200);
    let app = format!("/api/v1/apps/{}", stage.app);
    let sent = stage.get("/_mock/journal").await.expect(200).as_array().map(Vec::len);
    stage.call("POST", &format!("{app}/lifecycle/deactivate"), None).await.expect(200);
    stage.call("DELETE", &app, None).await.expect(204);
    for path in [app.clone(), format!("{app}/users"), format!("{app}/features"), format!("{app}/users/{ada}")] {
        stage.get(&path).await.expect_error(404, "E0000007");
    }
    assert_eq!(stage.get("/api/v1/mappings").await.expect(200), json!([]));
    stage.call("POST", &format!("/api/v1/users/{ada}/lifecycle/deactivate"), None).await.expect(200);
    assert_eq!(stage.scim_users("ada@example.com").await[0]["active"], true);
    assert_eq!(stage.get("/_mock/journal").await.expect(200).as_array().map(Vec::len), sent);
    let log = stage.get("/api/v1/logs?filter=eventType+eq+%22application.lifecycle.delete%22").await.expect(200);
    assert_eq!(log[0]["target"][0]["displayName"], "Rehearsal");
    // The label is free again.
    let again = stage.post("/api/v1/apps", json!({ "label": "Rehearsal" })).await.expect(200);
    assert_ne!(again["id"], stage.app);
}
