//! No password gets into a log by way of `Debug`.

use mock_okta::{App, AppKind, AppUser, Event, Flow, Profile, Response, Step};

const PLACEHOLDER: &str = "1mz050nq";
const PASSWORD: &str = "c0rrect horse";

fn assert_silent(what: &impl std::fmt::Debug) {
    for text in [format!("{what:?}"), format!("{what:#?}")] {
        assert!(!text.contains(PLACEHOLDER) && !text.contains(PASSWORD), "{text}");
        // Bytes printed as numbers would tell as much.
        assert!(!text.contains("49, 109, 122"), "{text}");
    }
}

#[test]
fn nothing_on_the_way_of_a_password_shows_it() {
    let event = Event::SyncPassword(PASSWORD.to_owned());
    assert_silent(&event);
    for kind in AppKind::ALL {
        let mut app = App::new(kind);
        app.push.password = true;
        for event in [Event::Assign, event.clone()] {
            let mut user = AppUser::new("00u", Profile::new("ada@example.test", "Ada", "Byron"), PLACEHOLDER);
            user.remote_id = Some("7".to_owned());
            assert_silent(&user);
            let (mut flow, mut step) = Flow::start(&app, &user, &event);
            let mut bodies = Vec::new();
            while let Step::Send(request) = step {
                assert_silent(&Step::Send(request.clone()));
                assert_silent(&flow);
                bodies.extend(request.body.clone());
                let response = match request.method {
                    "GET" if request.target.contains('?') => Response::new(404, "Not Found", ""),
                    // A service provider which gives away the password it holds.
                    _ => Response::new(200, "OK", format!(r#"{{"id":"7","password":"{PLACEHOLDER}"}}"#)),
                };
                assert_silent(&response);
                step = flow.next(response);
            }
            assert_silent(&(&flow, &step));
            let sent = bodies.last().expect("something was sent");
            assert!(sent.contains(PLACEHOLDER) || sent.contains(PASSWORD), "{sent}");
        }
    }
}
