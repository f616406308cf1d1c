//! A tour of the specimen: a fixed script of requests, and what comes back, told so that two tours of the same service
//! provider are equal. Whatever behaviour is switched on has to show somewhere on it.

use std::collections::HashMap;

use http::Method;
use scim_specimen::{Auth, Config, Fault, Running, Variant};
use serde_json::{Value, json};

use crate::client::{ENTERPRISE, GROUP, PATCH, SEARCH, TOKEN, USER, ada};

const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

#[tokio::test(flavor = "multi_thread")]
async fn every_row_shows_in_the_tour() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let plain = Tour::of(&http, &[], &[]).await;
    for (one, other) in plain.iter().zip(Tour::of(&http, &[], &[]).await) {
        assert_eq!(*one, other, "two tours of the correct specimen differ");
    }
    let rows = Fault::faults().iter().chain(Fault::quirks()).filter(|fault| matches!(fault, Fault::Rfc(_)));
    let mut tours = tokio::task::JoinSet::new();
    for fault in rows.copied() {
        let http = http.clone();
        tours.spawn(async move { (fault.name(), Tour::of(&http, &[fault], &[]).await) });
    }
    for variant in Variant::all() {
        let http = http.clone();
        tours.spawn(async move { (variant.name(), Tour::of(&http, &[], &[variant]).await) });
    }
    let tours = tours.join_all().await;
    let unseen: Vec<&str> = tours.iter().filter(|(_, tour)| *tour == plain).map(|(name, _)| *name).collect();
    assert!(unseen.is_empty(), "nobody on the tour sees {unseen:#?}");
}

/// A tourist: sends requests, keeps what comes back.
struct Tour {
    http: reqwest::Client,
    specimen: Running,
    /// What was given by chance, by the name it has in the story.
    names: HashMap<String, String>,
    story: Vec<String>,
}

impl Tour {
    async fn of(http: &reqwest::Client, faults: &[Fault], variants: &[Variant]) -> Vec<String> {
        let auth = Auth::Bearer(TOKEN.into());
        let config = Config {
            auth,
            users: 3,
            me: Some("me".into()),
            faults: faults.to_vec(),
            variants: variants.to_vec(),
            ..Config::default()
        };
        let specimen = Running::start(config).await.expect("a free port");
        let mut tour = Tour { http: http.clone(), specimen, names: HashMap::new(), story: Vec::new() };
        tour.discovery().await;
        tour.schema().await;
        tour.crud().await;
        tour.lists().await;
        tour.patch().await;
        tour.bulk().await;
        tour.lives().await;
        tour.bodies().await;
        tour.story
    }

    /// Resources and schemas: attributes, types, characteristics.
    async fn schema(&mut self) {
        let body = json!({
            "schemas": [USER, ENTERPRISE], "userName": "full@Example.com", "externalId": "E-1",
            "name": { "formatted": "Dr Ada Byron", "givenName": "Ada", "familyName": "Byron", "honorificPrefix": "Dr" },
            "displayName": "Ada", "nickName": "Countess", "title": "Analyst", "userType": "Employee",
            "preferredLanguage": "en-GB", "locale": "en-GB", "timezone": "Europe/London", "active": true,
            "profileUrl": "https://example.com/ada", "password": "t0ps3cret!",
            "emails": [
                { "value": "Ada@Example.com", "type": "work", "primary": true, "display": "work" },
                { "value": "ada@home.example", "type": "home" },
            ],
            "phoneNumbers": [{ "value": "+44 20 7946 0000", "type": "work" }, { "value": "555-0100", "type": "mobile" }],
            "ims": [{ "value": "ada", "type": "aim" }],
            "photos": [{ "value": "https://example.com/ada.jpg", "type": "photo" }],
            "addresses": [{ "type": "work", "streetAddress": "1 St James's Square", "locality": "London", "country": "GB" }],
            "x509Certificates": [{ "value": "MIIBIjAN" }],
            "roles": [{ "value": "viewer" }],
            "groups": [{ "value": "nobody" }], "id": "mine", "meta": { "resourceType": "X", "created": "2001-01-01T00:00:00Z" },
            ENTERPRISE: { "employeeNumber": "42", "department": "R&D", "costCenter": "7", "organization": "O", "division": "D" },
        });
        let full = self.create("/Users", body).await;
        let boss = self.create("/Users", json!({ "schemas": [USER], "userName": "boss", "displayName": "Boss" })).await;
        let managed = json!({ "schemas": [USER, ENTERPRISE], "userName": "managed", ENTERPRISE: { "manager": { "value": id(&boss) } } });
        self.create("/Users", managed).await;
        self.get(&full).await;
        self.get("/Users").await;
        for body in [
            json!({ "schemas": [USER], "userName": "two", "emails": [{ "value": "a@b.c", "primary": true }, { "value": "d@e.f", "primary": true }] }),
            json!({ "schemas": [USER], "userName": "typed", "active": "maybe" }),
            json!({ "schemas": [USER], "userName": "listed", "emails": { "value": "a@b.c" } }),
            json!({ "schemas": [USER], "userName": 5 }),
            json!({ "schemas": [USER], "userName": "binary", "x509Certificates": [{ "value": "%%%" }] }),
            json!({ "schemas": [USER, USER], "userName": "twice" }),
            json!({ "schemas": [], "userName": "none" }),
            json!({ "userName": "none" }),
            json!({ "schemas": [USER], "USERNAME": "shouted", "NICKNAME": "loud", "x": 1, "urn:example:x": {} }),
            json!({ "schemas": [USER], "userName": "nulls", "nickName": null, "emails": [], "name": {}, "title": "" }),
            json!({ "schemas": [USER], "userName": "same", "emails": [{ "value": "a@b.c", "type": "work" }, { "value": "a@b.c", "type": "work" }, { "value": "a@b.c", "type": "home" }] }),
            json!({ "schemas": [USER], "userName": "weak", "password": "1234567" }),
            json!({ "schemas": [USER], "userName": "canon", "emails": [{ "value": "a@b.c", "type": "zzz" }] }),
        ] {
            self.create("/Users", body).await;
        }
        for body in [
            json!({ "schemas": [ENTERPRISE, USER], "userName": "reversed", ENTERPRISE: { "employeeNumber": "0042" } }),
            json!({ "schemas": [USER, ENTERPRISE], "userName": "named", ENTERPRISE: { "manager": { "value": id(&boss), "displayName": "Mine" } } }),
        ] {
            self.create("/Users", body).await;
        }
        self.get(&format!("{full}?excludedAttributes=id")).await;
        let team = json!({ "schemas": [GROUP], "displayName": "Team", "members": [{ "value": id(&boss) }] });
        let team = self.create("/Groups", team).await;
        let renamed =
            json!({ "schemas": [PATCH], "Operations": [{ "op": "replace", "path": "displayName", "value": "Squad" }] });
        self.stop("PATCH", &team, &[], Some(renamed.to_string())).await;
        self.get(&team).await;
        self.stop("POST", "/Schemas", &[], Some(json!({ "id": "urn:example:mine" }).to_string())).await;
        self.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig").await;
    }

    /// Who comes back, and what was changed more than once.
    async fn lives(&mut self) {
        let person = |name: &str| json!({ "schemas": [USER], "userName": name });
        let active = |active: bool| replace("active", json!(active));
        let user = self.create("/Users", person("life")).await;
        let group = json!({ "schemas": [GROUP], "displayName": "Lives", "members": [{ "value": id(&user) }] });
        let crew = self.create("/Groups", group.clone()).await;
        for body in [
            replace("title", json!("Countess")),
            json!({ "schemas": [PATCH], "Operations": [{ "op": "remove", "path": "title" }] }),
        ] {
            self.patch_of(&user, body).await;
        }
        self.put(&user, person("life")).await;
        self.get(&user).await;
        self.patch_of(&user, active(false)).await;
        self.get(&crew).await;
        self.patch_of(&user, replace("nickName", json!("away"))).await;
        self.patch_of(&user, active(true)).await;
        self.get(&user).await;
        self.patch_of(&user, replace("userName", json!("renamed"))).await;
        self.get("/Users?filter=userName%20eq%20%22renamed%22").await;
        let other = self.create("/Users", person("life")).await;
        for body in [replace("members", json!([])), replace("members", json!([{ "value": id(&user) }]))] {
            self.patch_of(&crew, body).await;
            self.get(&crew).await;
        }
        for number in 0..4 {
            let members = json!([{ "value": id(&user) }, { "value": id(&other) }]);
            self.patch_of(&crew, replace("members", members)).await;
            self.patch_of(&crew, replace("displayName", json!(format!("Lives {number}")))).await;
            self.get(&crew).await;
        }
        self.patch_of(&other, active(false)).await;
        self.patch_of(&other, active(false)).await;
        self.get(&other).await;
        self.stop("DELETE", &user, &[], None).await;
        self.get(&crew).await;
        let again = self.create("/Users", person("renamed")).await;
        self.get(&again).await;
        self.get(&crew).await;
        self.patch_of(&crew, replace("members", json!([{ "value": id(&again) }]))).await;
        self.stop("DELETE", &crew, &[], None).await;
        let crew = self.create("/Groups", json!({ "schemas": [GROUP], "displayName": "Lives 3" })).await;
        self.get(&crew).await;
    }

    /// What no form would produce.
    async fn bodies(&mut self) {
        for (number, title) in
            ["'", "\\u0000x", "\\ud83d\\ude00", "\\ud800", "", &"long ".repeat(20)].into_iter().enumerate()
        {
            let body = format!(r#"{{"schemas":["{USER}"],"userName":"body-{number}","title":"{title}"}}"#);
            let made = self.stop("POST", "/Users", &[], Some(body.clone())).await;
            if let Some(id) = made["id"].as_str() {
                self.get(&format!("/Users/{id}")).await;
            }
        }
        let strange = |end: &str| format!(r#"{{"schemas":["{USER}"],"userName":"strange-{}"{end}"#, end.len());
        let deep = format!(r#","x":{}{}}}"#, "[".repeat(110), "]".repeat(110));
        for end in [r#","x":1e400}"#, r#","title":"a","title":"b"}"#, "} x", &deep] {
            self.stop("POST", "/Users", &[], Some(strange(end))).await;
        }
        self.create("/Users", json!({ "schemas": [USER], "userName": "n".repeat(300) })).await;
        let body = json!({ "schemas": [USER], "userName": "null-title", "title": null }).to_string();
        self.stop("POST", "/Users", &[], Some(body.clone())).await;
        self.stop("POST", "/Users", &[("content-type", "text/plain")], Some(body)).await;
        self.create("/Users", json!({ "schemas": [USER], "userName": "Zoë" })).await;
        self.get("/Users?filter=userName%20eq%20%22Zo%C3%AB%22").await;
    }

    async fn patch_of(&mut self, target: &str, body: Value) -> Value {
        self.stop("PATCH", target, &[], Some(body.to_string())).await
    }

    /// Create, read, replace, delete, errors, media types, entity tags, credentials.
    async fn crud(&mut self) {
        let user = self.create("/Users", ada("crud")).await;
        self.create("/Users", ada("crud")).await;
        self.create("/Users", ada("CRUD")).await;
        for body in ["{", "", "[]", "\"x\"", "null", "{\"a\":1,\"a\":2}"] {
            self.stop("POST", "/Users", &[], Some(body.to_owned())).await;
        }
        for name in [json!(null), json!(""), json!(" ")] {
            self.create("/Users", json!({ "schemas": [USER], "userName": name })).await;
        }
        self.create("/Users", json!({ "schemas": [USER] })).await;
        self.create("/Users?attributes=userName", json!({ "schemas": [USER], "userName": "short" })).await;
        self.create("/Users?excludedAttributes=meta", json!({ "schemas": [USER], "userName": "shorter" })).await;
        self.create("/Users", json!({ "schemas": [USER], "userName": "漢é\u{202e}😀" })).await;
        self.create("/Groups", json!({ "schemas": [GROUP] })).await;
        let group = json!({ "schemas": [GROUP], "displayName": "Crew", "externalId": "g", "members": [{ "value": id(&user) }] });
        let crew = self.create("/Groups", group).await;
        let outer =
            json!({ "schemas": [GROUP], "displayName": "Outer", "members": [{ "value": id(&crew), "type": "Group" }] });
        let outer = self.create("/Groups", outer).await;
        self.create(
            "/Groups",
            json!({ "schemas": [GROUP], "displayName": "Lost", "members": [{ "value": "nobody" }] }),
        )
        .await;
        self.create("/Groups", json!({ "schemas": [GROUP], "displayName": "Crew" })).await;
        for target in [&user, &crew, &outer] {
            self.get(target).await;
        }
        for target in
            ["/Users/nobody", "/Nothing", "/Users/00919288221112222", "/users", &user.to_uppercase(), "/Users/a%2Fb"]
        {
            self.get(target).await;
        }
        for (method, target) in [
            ("PUT", "/Users"),
            ("PATCH", "/Users"),
            ("DELETE", "/Users"),
            ("POST", &*user),
            ("HEAD", &*user),
            ("OPTIONS", "/Users"),
            ("POST", "/Schemas"),
            ("DELETE", "/ServiceProviderConfig"),
            ("PUT", "/ResourceTypes/User"),
            ("GET", "/Bulk"),
            ("GET", "/Me"),
            ("TRACE", "/Users"),
            ("GET", "/Users/"),
            ("GET", "/"),
            ("GET", "/Users/.search"),
        ] {
            self.stop(method, target, &[], (method == "POST").then(|| "{}".to_owned())).await;
        }
        for accept in ["application/json", "text/xml", "*/*", "application/scim+json; charset=utf-8", ""] {
            self.stop("GET", &user, &[("accept", accept)], None).await;
        }
        for media_type in
            ["application/json", "text/xml", "application/scim+json; charset=iso-8859-1", "APPLICATION/SCIM+JSON", ""]
        {
            let body = json!({ "schemas": [USER], "userName": format!("m{}", media_type.len()) });
            self.stop("POST", "/Users", &[("content-type", media_type)], Some(body.to_string())).await;
        }
        for authorization in ["", "Bearer wrong", "non-token", "Basic eDp5"] {
            for method in ["GET", "POST", "PUT", "DELETE"] {
                let target = if method == "POST" || method == "GET" { "/Users" } else { &*user };
                self.stop(method, target, &[("authorization", authorization)], Some(ada("stranger").to_string())).await;
            }
        }
        let read = self.get(&user).await;
        self.put(&user, read.clone()).await;
        let mut changed = read.clone();
        changed["id"] = json!("other");
        changed["meta"] =
            json!({ "created": "2001-01-01T00:00:00Z", "lastModified": "2001-01-01T00:00:00Z", "resourceType": "X" });
        changed["groups"] = json!([]);
        changed["title"] = json!("Changed");
        self.put(&user, changed).await;
        self.get(&user).await;
        self.put(&user, json!({ "schemas": [USER], "userName": "crud" })).await;
        self.put(&user, json!({ "schemas": [USER], "displayName": "nameless" })).await;
        self.put(&user, json!({ "schemas": [USER], "userName": "boss" })).await;
        self.put(&user, json!({ "schemas": [USER], "userName": "crud", "title": null, "emails": [] })).await;
        self.put(
            &format!("{user}?attributes=userName"),
            json!({ "schemas": [USER], "userName": "crud", "title": "T" }),
        )
        .await;
        self.put("/Users/nobody", ada("nobody")).await;
        self.get("/Users?filter=userName%20eq%20%22nobody%22").await;
        self.put(&crew, json!({ "schemas": [GROUP], "displayName": "Crew" })).await;
        self.put(&crew, json!({ "schemas": [GROUP], "displayName": "Crew", "members": [{ "value": id(&user) }] }))
            .await;
        self.get(&user).await;
        self.get(&crew).await;
        self.tags(&user).await;
        self.delete(&outer).await;
        self.delete(&user).await;
        self.get(&crew).await;
        for method in ["GET", "PUT", "DELETE"] {
            self.stop(method, &user, &[], Some(ada("crud").to_string())).await;
        }
        self.get("/Users?filter=userName%20eq%20%22crud%22").await;
        self.create("/Users", ada("crud")).await;
        self.delete("/Users/nobody").await;
        let last = self.create("/Users", ada("last")).await;
        self.get(&format!("{last}~")).await;
        self.get("/v9/Users").await;
        let xml = "<User><userName>xml</userName></User>".to_owned();
        self.stop("POST", "/Users", &[("content-type", "text/xml")], Some(xml)).await;
        self.create("/Users", json!({ "schemas": [USER], "userName": "plain", "emails": ["a@example.com"] })).await;
    }

    /// Entity tags and conditions.
    async fn tags(&mut self, user: &str) {
        let tag = self.tag(user).await;
        self.stop("GET", user, &[("if-none-match", &tag)], None).await;
        self.stop("GET", user, &[("if-none-match", "W/\"stale\"")], None).await;
        for (method, body) in [("PUT", ada("crud")), ("PATCH", replace("title", json!("Tagged")))] {
            self.stop(method, user, &[("if-match", "W/\"stale\"")], Some(body.to_string())).await;
            let tag = self.tag(user).await;
            self.stop(method, user, &[("if-match", &tag)], Some(body.to_string())).await;
            self.stop(method, user, &[("if-match", "*")], Some(body.to_string())).await;
        }
        self.stop("DELETE", user, &[("if-match", "\"stale\"")], None).await;
    }

    /// Filters, order, pages, projections.
    async fn lists(&mut self) {
        for (number, name) in ["list-b", "list-A", "list-c", "list-d", "list-C2"].into_iter().enumerate() {
            let mut body = json!({ "schemas": [USER], "userName": name, "active": number != 2, "externalId": name,
                "nickName": format!("\"{number}\""),
                "emails": [{ "value": format!("{}@z.example", 9 - number), "type": "home" }, { "value": format!("{number}@a.example"), "type": "work", "primary": true }],
                "name": { "givenName": "L", "familyName": format!("F{}", number % 2) } });
            if number != 1 {
                body["title"] = json!(format!("T{}", 9 - number));
            }
            self.create("/Users", body).await;
        }
        for filter in [
            r#"userName sw "list-""#,
            r#"userName eq "LIST-a""#,
            r#"USERNAME EQ "list-b""#,
            r#"userName ne "list-b" and userName sw "list-""#,
            r#"userName co "ist-""#,
            r#"userName ew "-c""#,
            r#"userName sw "list-" and title pr"#,
            r#"userName sw "list-" and not (title pr)"#,
            r#"userName eq "list-b" or userName eq "list-c" and active eq true"#,
            r#"(userName eq "list-b" or userName eq "list-c") and active eq true"#,
            r#"not (active eq true) and userName sw "list-""#,
            r#"emails[type eq "work" and value sw "9"]"#,
            r#"emails[type eq "home" and value sw "9"]"#,
            r#"emails.type eq "work" and emails.value sw "9""#,
            r#"emails.value sw "9""#,
            r#"emails co "z.example" and userName sw "list""#,
            r#"userName gt "list-b" and userName sw "list-""#,
            r#"userName le "list-b" and userName sw "list-""#,
            r#"userName ge "list-b" and userName sw "list-""#,
            r#"userName lt "list-b" and userName sw "list-""#,
            r#"meta.created gt "2001-01-01T00:00:00Z" and userName sw "list-""#,
            r#"meta.lastModified lt "2001-01-01T00:00:00+02:00""#,
            r#"meta.resourceType eq "User" and userName sw "list-""#,
            r#"nickName eq "\"3\"""#,
            r#"active gt true"#,
            r#"x509Certificates.value gt "AA==""#,
            r#"userName regex "a""#,
            r#"userName eq"#,
            r#"eq "x""#,
            r#"userName "x""#,
            r#"(userName eq "x""#,
            "",
            " ",
            r#"emails[userName eq "x"]"#,
            r#"emails[]"#,
            r#"noSuch eq "x""#,
            r#"name eq "x""#,
            r#"active eq "yes""#,
            r#"userName eq 5"#,
            r#"title eq null and userName sw "list-""#,
            r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "list-b""#,
            r#"URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER:USERNAME eq "list-b""#,
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "42""#,
            r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
            r#"externalId eq "list-b""#,
            r#"externalId eq "LIST-B""#,
            r#"id eq "x""#,
            r#"password eq "t0ps3cret!""#,
            r#"password sw "t""#,
            r#"groups.display eq "Crew""#,
            r#"userName eq "a+b%41""#,
            r#"name.familyName eq "O\u0027\"\\""#,
            r#"userName eq "list-b" and"#,
            r#"userName sw "list-" AND userName PR"#,
            r#"userName sw "list-" and not(title pr)"#,
            r#"((userName eq "list-b") or userName eq "list-c")"#,
            r#"userName eq "a" or userName eq "b" or userName eq "c" or userName eq "list-d" or title eq "e""#,
            r#"userName eq "O'Neill""#,
            &format!("{}userName pr{}", "(".repeat(120), ")".repeat(120)),
            r#"userName eq "list-*""#,
            r#"userName sw "list-" and name pr"#,
            r#"userName sw "ist-""#,
            r#"userName ew "list""#,
            r#"userName sw "list-" and not (title eq "T9")"#,
            r#"userName sw "list-" and not (title eq "T9" and active eq true)"#,
            r#"not (userName eq "list-b") and userName eq "list-c""#,
            r#"not (userName eq "list-b") and userName eq "list-b""#,
            r#"userName eq "list-b" or userName eq "list-c" and title eq "none""#,
            r#"(userName eq "list-b" or userName eq "list-c") and title eq "none""#,
            r#"userName eq "list-b" and userName eq "list-c""#,
            r#"emails[type eq "work" and value eq "9@z.example"]"#,
            r#"emails.type eq "work" and emails.value eq "9@z.example""#,
            r#"emails.value eq "9@z.example""#,
            r#"emails[not (type eq "work")] and userName sw "list-""#,
            r#"meta.created lt "2001-01-01T00:00:00Z""#,
            r#"title sw "" and userName sw "list-""#,
            r#"userName sw "list_""#,
            r#"meta.created gt "2001-01-01T00:00:00Z" and meta.created gt "9""#,
            r#"meta.created lt "9998-01-01T00:00:00+14:00""#,
            r#"emails.value sw "A""#,
        ] {
            self.get(&format!("/Users?filter={}", encoded(filter))).await;
        }
        let deep = format!("{}userName pr{}", "(".repeat(150), ")".repeat(150));
        self.get(&format!("/Users?count=1&filter={}", encoded(&deep))).await;
        let ours = format!("/Users?filter={}", encoded(r#"userName sw "list-""#));
        for rest in [
            "sortBy=userName",
            "sortBy=userName&sortOrder=descending",
            "sortBy=userName&sortOrder=upwards",
            "startIndex=9999999&count=9999999",
            "sortBy=title",
            "sortBy=title&sortOrder=descending",
            "sortBy=emails.value",
            "sortBy=emails",
            "sortBy=name.familyName",
            "sortBy=name",
            "sortBy=externalId",
            "sortBy=nope",
            "sortBy=active",
            "count=2",
            "startIndex=2&count=2",
            "startIndex=0&count=1",
            "startIndex=-5&count=1",
            "count=0",
            "count=-1",
            "startIndex=5",
            "startIndex=99&count=2",
            "count=abc",
            "startIndex=1.5",
            "count=99999999999",
            "attributes=userName",
            "attributes=USERNAME,emails.value",
            "excludedAttributes=emails,id,name.givenName",
            "attributes=name.familyName",
            "attributes=password",
            "attributes=bogus",
            "attributes=urn:ietf:params:scim:schemas:core:2.0:User:userName",
            "attributes=userName&excludedAttributes=name",
            "excludedAttributes=schemas,meta",
            "attributes=groups",
            "zzz=1",
        ] {
            self.get(&format!("{ours}&{rest}")).await;
        }
        self.get(&format!("/Users?filter={}&attributes={ENTERPRISE}:department", encoded("userName sw \"full\"")))
            .await;
        for target in [
            "/Users",
            "/Groups",
            "/Roles",
            "/?count=5",
            "/Groups?excludedAttributes=members",
            "/Users?count=2",
            "/Users?sortBy=userName&count=3",
        ] {
            self.get(target).await;
        }
        for filter in [
            r#"displayName eq "Crew""#,
            r#"members.value eq "x""#,
            r#"displayName sw "c""#,
            r#"displayName eq "CREW""#,
            r#"externalId eq "crew-1""#,
        ] {
            self.get(&format!("/Groups?filter={}", encoded(filter))).await;
        }
        for filter in ["meta.resourceType eq \"Group\"", "userName pr", "displayName eq \"Crew\"", "nowhere pr"] {
            self.get(&format!("/?filter={}", encoded(filter))).await;
        }
        let both = [("external-b", "list-g"), ("crew-1", "list-h")];
        for (external, name) in both {
            let body = json!({ "schemas": [GROUP], "displayName": name, "externalId": external });
            self.create("/Groups", body).await;
        }
        for target in [
            "/",
            "/Groups?sortBy=externalId",
            "/Groups?filter=externalId%20eq%20%22crew-1%22",
            "/Users/nobody?filter=id%20pr",
            "/Users?attributes=name.familyName,userName&count=3",
            "/Users?attributes=DISPLAYNAME,NAME&count=3",
        ] {
            self.get(target).await;
        }
        for (cursor, count) in [("", 2), ("x", 2)] {
            let body = json!({ "schemas": [SEARCH], "cursor": cursor, "count": count });
            self.stop("POST", "/Users/.search", &[], Some(body.to_string())).await;
        }
        let body = json!({ "schemas": [USER], "userName": "list-z", "displayName": "Z", "title": "T" });
        self.create("/Users?attributes=userName", body).await;
        for target in ["/Users/.search", "/.search", "/Groups/.search"] {
            for body in [
                json!({ "schemas": [SEARCH], "filter": "displayName sw \"a\"", "attributes": ["displayName"], "sortBy": "displayName", "startIndex": 1, "count": 2 }),
                json!({ "schemas": [SEARCH], "excludedAttributes": ["meta"], "count": 3 }),
                json!({ "filter": "id pr" }),
                json!({ "schemas": [SEARCH], "filter": "displayName eq" }),
                json!({ "schemas": [SEARCH], "attributes": "displayName" }),
            ] {
                self.stop("POST", target, &[], Some(body.to_string())).await;
            }
        }
    }

    /// PATCH.
    async fn patch(&mut self) {
        let mut body = ada("patched");
        body["emails"] = json!([{ "value": "w@x.example", "type": "work", "primary": true }, { "value": "h@x.example", "type": "home" }]);
        body["title"] = json!("T1");
        let user = self.create("/Users", body).await;
        let friend = self.create("/Users", ada("friend")).await;
        let members = json!([{ "value": id(&user) }]);
        let group =
            self.create("/Groups", json!({ "schemas": [GROUP], "displayName": "Patched", "members": members })).await;
        for operations in [
            json!([{ "op": "replace", "value": { "active": false } }]),
            json!([{ "op": "replace", "path": "active", "value": true }]),
            json!([{ "op": "Replace", "path": "TITLE", "value": "T2" }]),
            json!([{ "op": "add", "path": "title", "value": "T3" }]),
            json!([{ "op": "add", "path": "nickName", "value": "N" }]),
            json!([{ "op": "add", "path": "nickName", "value": "N" }]),
            json!([{ "op": "add", "value": { "displayName": "D", "emails": [{ "value": "n@x.example", "type": "other" }] } }]),
            json!([{ "op": "add", "path": "name", "value": { "middleName": "M" } }]),
            json!([{ "op": "replace", "path": "name", "value": { "familyName": "King" } }]),
            json!([{ "op": "add", "path": "emails", "value": [{ "value": "p@x.example", "type": "work", "primary": true }] }]),
            json!([{ "op": "add", "path": "emails", "value": { "value": "q@x.example", "type": "other" } }]),
            json!([{ "op": "add", "path": "emails", "value": [{ "value": "q@x.example", "type": "other" }] }]),
            json!([{ "op": "replace", "path": "emails[type eq \"work\"].display", "value": "W" }]),
            json!([{ "op": "replace", "path": "emails[type eq \"nope\"].value", "value": "x@y.example" }]),
            json!([{ "op": "add", "path": "emails[type eq \"fax\"].value", "value": "x@y.example" }]),
            json!([{ "op": "remove", "path": "emails[type eq \"home\"]" }]),
            json!([{ "op": "remove", "path": "emails[type eq \"none\"]" }]),
            json!([{ "op": "remove", "path": "emails[type eq \"work\"].display" }]),
            json!([{ "op": "remove", "path": "name.middleName" }]),
            json!([{ "op": "remove", "path": "nickName" }]),
            json!([{ "op": "remove", "path": "nickName" }]),
            json!([{ "op": "replace", "path": "title", "value": null }]),
            json!([{ "op": "replace", "path": "title", "value": "A" }, { "op": "replace", "path": "title", "value": "B" }]),
            json!([{ "op": "remove", "path": "emails" }, { "op": "add", "path": "emails", "value": [{ "value": "only@x.example" }] }]),
            json!([{ "op": "replace", "path": "title", "value": "halfway" }, { "op": "remove" }]),
            json!([{ "op": "add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "value": "1" }]),
            json!([{ "op": "replace", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "value": { "department": "Q" } }]),
            json!([{ "op": "remove", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User" }]),
            json!([{ "op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:nickName", "value": "urn" }]),
            json!([{ "op": "remove" }]),
            json!([{ "op": "move", "path": "title" }]),
            json!([{ "path": "title", "value": "x" }]),
            json!([{ "op": 5 }]),
            json!([]),
            json!({}),
            json!([{ "op": "add", "path": "title" }]),
            json!([{ "op": "replace", "path": "title" }]),
            json!([{ "op": "replace", "path": "emails[", "value": "x" }]),
            json!([{ "op": "replace", "path": "1abc", "value": "x" }]),
            json!([{ "op": "replace", "path": "noSuchAttr", "value": "x" }]),
            json!([{ "op": "replace", "path": "/emails/0/value", "value": "x" }]),
            json!([{ "op": "replace", "path": "groups", "value": [] }]),
            json!([{ "op": "replace", "path": "id", "value": "x" }]),
            json!([{ "op": "replace", "path": "meta.created", "value": "2001-01-01T00:00:00Z" }]),
            json!([{ "op": "replace", "path": "active", "value": "x" }]),
            json!([{ "op": "remove", "path": "userName" }]),
            json!([{ "op": "remove", "path": "groups" }]),
            json!([{ "op": "replace", "path": "userName", "value": "friend" }]),
            json!([{ "op": "replace", "path": "password", "value": "n3w" }]),
            json!([{ "op": "replace", "path": "emails", "value": [{ "value": "r@x.example", "type": "work" }] }]),
            json!([{ "op": "replace", "path": "emails[type eq \"work\"]", "value": { "value": "s@x.example", "type": "work", "display": "s" } }]),
            json!([{ "op": "replace", "path": "schemas", "value": [USER] }]),
            json!([{ "op": "replace", "path": "emails", "value": [
                { "value": "t@x.example", "type": "work", "primary": true, "display": "t" },
                { "value": "u@x.example", "type": "work", "display": "u" },
                { "value": "v@x.example", "type": "home", "display": "v" },
            ] }]),
            json!([{ "op": "add", "path": "emails", "value": [{ "value": "t@x.example", "type": "work" }] }]),
            json!([{ "op": "replace", "path": "emails[type eq \"WORK\"].display", "value": "both" }]),
            json!([{ "op": "remove", "path": "emails[type eq \"work\" and value eq \"u@x.example\"].display" }]),
            json!([{ "op": "replace", "path": "emails[value eq \"v@x.example\"].primary", "value": true }]),
            json!([{ "op": "add", "value": { "emails": [{ "value": "w@x.example", "type": "work" }] } }]),
            json!([{ "op": "replace", "path": "emails", "value": [] }]),
            json!([{ "op": "replace", "value": { "userType": "Contractor" } }]),
            json!([{ "op": "replace", "path": "name.givenName", "value": "Augusta" }]),
            json!([{ "op": "add", "path": "title", "value": "one" }, { "op": "replace", "path": "title", "value": null }, { "op": "replace", "path": "title", "value": "three" }]),
            json!([{ "op": "add", "path": "title", "value": "kept" }, { "op": "replace", "path": "emails[value eq \"none\"].type", "value": "work" }]),
        ] {
            self.operate(&user, operations).await;
            self.get(&user).await;
        }
        self.stop(
            "PATCH",
            &user,
            &[],
            Some(json!({ "Operations": [{ "op": "replace", "path": "title", "value": "x" }] }).to_string()),
        )
        .await;
        self.stop(
            "PATCH",
            &user,
            &[],
            Some(
                json!({ "schemas": [USER], "Operations": [{ "op": "replace", "path": "title", "value": "y" }] })
                    .to_string(),
            ),
        )
        .await;
        self.stop("PATCH", &user, &[], Some(json!({ "schemas": [PATCH] }).to_string())).await;
        self.operate(
            &format!("{user}?attributes=userName"),
            json!([{ "op": "replace", "path": "title", "value": "short" }]),
        )
        .await;
        self.operate("/Users/nobody", json!([{ "op": "replace", "path": "title", "value": "x" }])).await;
        let (user, friend) = (id(&user).to_owned(), id(&friend).to_owned());
        for operations in [
            json!([{ "op": "add", "path": "members", "value": [{ "value": friend }] }]),
            json!([{ "op": "add", "path": "members", "value": [{ "value": friend, "display": "x", "type": "User" }] }]),
            json!([{ "op": "remove", "path": format!("members[value eq \"{user}\"]") }]),
            json!([{ "op": "remove", "path": format!("members[value eq \"{user}\"]") }]),
            json!([{ "op": "replace", "path": "members", "value": [{ "value": user }, { "value": friend }] }]),
            json!([{ "op": "replace", "path": format!("members[value eq \"{user}\"].type"), "value": "Group" }]),
            json!([{ "op": "remove", "path": "members" }]),
            json!([{ "op": "add", "value": { "members": [{ "value": user }] } }]),
            json!([{ "op": "replace", "path": "members", "value": [] }]),
            json!([{ "op": "replace", "value": { "id": id(&group), "displayName": "Renamed" } }]),
            json!([{ "op": "remove", "path": "displayName" }]),
        ] {
            self.operate(&group, operations).await;
            self.get(&group).await;
        }
    }

    /// Bulk requests, the subject, cursors.
    async fn bulk(&mut self) {
        let me = self.create("/Users", ada("me")).await;
        self.get("/Me?attributes=userName").await;
        for method in ["GET", "POST", "DELETE"] {
            self.stop(method, "/Me", &[], (method == "POST").then(|| "{}".to_owned())).await;
        }
        self.get(&me).await;
        for target in
            ["/Users?cursor", "/Users?cursor=&count=2", "/Users?cursor=garbage", "/Users?cursor=x&startIndex=2"]
        {
            self.get(target).await;
        }
        let page = self.get("/Users?cursor=&count=1").await;
        self.get(&format!("/Users?count=1&cursor={}x9", page["nextCursor"].as_str().unwrap_or_default())).await;
        let mut cursor = String::new();
        for _ in 0..3 {
            let page = self.get(&format!("/Users?cursor={cursor}&count=9")).await;
            cursor = page["nextCursor"].as_str().unwrap_or_default().to_owned();
        }
        let post = |path: &str, bulk_id: &str, data: Value| json!({ "method": "POST", "path": path, "bulkId": bulk_id, "data": data });
        let user = |name: &str| json!({ "schemas": [USER], "userName": name });
        let group = |name: &str, member: &str| json!({ "schemas": [GROUP], "displayName": name, "members": [{ "value": member }] });
        let patch = replace("title", json!("T"));
        for operations in [
            json!([post("/Users", "u", user("bulk-a")), post("/Groups", "g", group("Bulk", "bulkId:u"))]),
            json!([post("/Users", "u", user("bulk-a")), { "method": "PATCH", "path": me, "data": patch }]),
            json!([post("/Groups", "a", group("A", "bulkId:b")), post("/Groups", "b", group("B", "bulkId:a"))]),
            json!([post("/Groups", "a", group("A", "bulkId:nothing")), { "method": "DELETE", "path": "/Users/nobody" }]),
            json!([]),
        ] {
            let body = json!({ "schemas": [BULK], "Operations": operations });
            self.stop("POST", "/Bulk", &[], Some(body.to_string())).await;
        }
        let gone = json!({ "method": "DELETE", "path": "/Users/nobody" });
        let many = vec![gone.clone(); 1001];
        let kept = self.create("/Users", ada("bulk-kept")).await;
        let stale = json!({ "method": "PATCH", "path": kept, "version": "W/\"stale\"", "data": patch });
        for job in [
            json!({ "schemas": [USER], "Operations": [gone] }),
            json!({ "schemas": [BULK], "failOnErrors": 1, "Operations": [gone, post("/Users", "u", user("bulk-b"))] }),
            json!({ "schemas": [BULK], "Operations": [post("/Groups", "g", group("Late", "bulkId:u")), post("/Users", "u", user("bulk-c"))] }),
            json!({ "schemas": [BULK], "Operations": [stale] }),
            json!({ "schemas": [BULK], "Operations": many }),
        ] {
            self.stop("POST", "/Bulk", &[], Some(job.to_string())).await;
        }
        self.stop("POST", "/Users", &[("prefer", "respond-async")], Some(user("later").to_string())).await;
    }

    /// What the service provider says about itself.
    async fn discovery(&mut self) {
        for target in [
            "/ServiceProviderConfig",
            "/ResourceTypes",
            "/ResourceTypes/User",
            "/ResourceTypes/Nothing",
            "/Schemas",
            "/ResourceTypes?count=1",
            "/Schemas?filter=name%20eq%20%22User%22",
            "/Schemas?count=1&startIndex=2",
            "/Schemas/urn:nothing",
            "/Schemas/urn:ietf:params:scim:api:messages:2.0:Error",
        ] {
            self.get(target).await;
        }
        for urn in [USER, GROUP, ENTERPRISE] {
            self.get(&format!("/Schemas/{urn}")).await;
        }
        self.stop("GET", "/ServiceProviderConfig", &[("authorization", "")], None).await;
        self.stop("GET", "/Schemas", &[("authorization", "")], None).await;
    }

    async fn get(&mut self, target: &str) -> Value {
        self.stop("GET", target, &[], None).await
    }

    async fn put(&mut self, target: &str, body: Value) -> Value {
        self.stop("PUT", target, &[], Some(body.to_string())).await
    }

    async fn delete(&mut self, target: &str) {
        self.stop("DELETE", target, &[], None).await;
    }

    async fn operate(&mut self, target: &str, operations: Value) {
        let body = json!({ "schemas": [PATCH], "Operations": operations });
        self.stop("PATCH", target, &[], Some(body.to_string())).await;
    }

    /// Creates a resource and returns its target.
    async fn create(&mut self, target: &str, body: Value) -> String {
        let made = self.stop("POST", target, &[], Some(body.to_string())).await;
        let collection = target.split('?').next().unwrap_or(target);
        format!("{collection}/{}", made["id"].as_str().unwrap_or("nobody"))
    }

    async fn tag(&mut self, target: &str) -> String {
        let read = self.get(target).await;
        read["meta"]["version"].as_str().unwrap_or("\"none\"").to_owned()
    }

    /// Sends a request, tells of the answer and returns its JSON.
    async fn stop(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&'static str, &str)],
        body: Option<String>,
    ) -> Value {
        let url = format!("{}{target}", self.specimen.base_url);
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.http.request(method.clone(), url);
        let usual = [
            ("authorization", "Bearer right-token"),
            ("content-type", "application/scim+json"),
            ("accept", "application/scim+json"),
        ];
        for (name, value) in usual
            .into_iter()
            .filter(|(name, _)| headers.iter().all(|(other, _)| other != name))
            .chain(headers.iter().copied())
        {
            if !value.is_empty() {
                request = request.header(name, value);
            }
        }
        let told = match request.body(body.unwrap_or_default()).send().await {
            Err(_) => (String::from("nothing"), String::new()),
            Ok(response) => {
                let status = response.status();
                let mut headers: Vec<_> = response
                    .headers()
                    .iter()
                    .filter(|(name, _)| *name != "date" && *name != "content-length")
                    .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or_default()))
                    .collect();
                headers.sort();
                let text = response.text().await.unwrap_or_default();
                (format!("{status} {}", headers.join("; ")), text)
            }
        };
        let json: Value = serde_json::from_str(&told.1).unwrap_or_default();
        let story = format!("{method} {target}\n{}\n{}", told.0, told.1);
        let story = format!("{}\n{}", self.without_chance(&story), moved(&json));
        self.story.push(story);
        json
    }

    /// Gives everything that chance decides a name, in the order in which it comes up.
    fn without_chance(&mut self, text: &str) -> String {
        let authority = self.specimen.base_url.trim_start_matches("http://").trim_end_matches("/scim/v2");
        let text = text.replace(authority, "HOST");
        let mut told = String::new();
        let mut word = String::new();
        let mut flush = |word: &mut String, told: &mut String| {
            let next = self.names.len();
            let is_id = word.len() == 36 && word.matches('-').count() == 4;
            let is_cursor = word.len() >= 40;
            let is_hex = word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_id || is_hex || is_cursor {
                told.push_str(
                    self.names
                        .entry(word.clone())
                        .or_insert_with(|| format!("{}{next}", if is_id { "id" } else { "tag" })),
                );
            } else if word.starts_with("20") && word.contains('T') && word.len() > 12 {
                told.push_str(&word.replace(|c: char| c.is_ascii_digit(), "0"));
            } else {
                told.push_str(word);
            }
            word.clear();
        };
        for c in text.chars() {
            if c.is_ascii_alphanumeric()
                || c == '_'
                || matches!(c, '-' | ':' | '.') && word.starts_with("20")
                || c == '-'
            {
                word.push(c);
            } else {
                flush(&mut word, &mut told);
                told.push(c);
            }
        }
        flush(&mut word, &mut told);
        told
    }
}

/// Tells of each resource in an answer whether it was changed since it was created.
fn moved(answer: &Value) -> String {
    let listed = answer["Resources"].as_array().into_iter().flatten();
    let moved = |resource: &Value| resource["meta"]["created"] != resource["meta"]["lastModified"];
    listed.chain([answer]).map(|resource| if moved(resource) { 'm' } else { '-' }).collect()
}

fn id(target: &str) -> &str {
    target.rsplit('/').next().unwrap_or(target)
}

fn replace(path: &str, value: Value) -> Value {
    json!({ "schemas": [PATCH], "Operations": [{ "op": "replace", "path": path, "value": value }] })
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
