//! The console: the org as pages for people, and a stage on which to let things happen.
//!
//! Pages are made here, work without script, and load nothing from elsewhere. What a person does on them becomes calls
//! of the API, made through [`perform`](crate::server::perform) like any other. What is shown is what the API, the
//! journal and the System Log hold; there is no state of its own but who is signed in.
//!
//! | module | what it is |
//! |---|---|
//! | `html`, `form` | text out, escaped; text in, decoded |
//! | `session` | who is signed in |
//! | `layout` | what all pages have |
//! | `timeline`, `entry`, `exchange` | what happened: event, cause, calls, change, verdict |
//! | `stream` | the timeline as it happens |
//! | `people`, `groups`, `apps`, `account`, `tasks`, `hooks`, `flows` | what is |
//! | `stage`, `act` | what can be done, and doing it |

mod account;
mod act;
mod apps;
mod entry;
mod exchange;
mod flows;
mod form;
mod groups;
mod hooks;
mod html;
mod layout;
mod people;
mod session;
mod stage;
mod stream;
mod tasks;
mod timeline;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, HeaderName, LOCATION, ORIGIN, REFERRER_POLICY,
    SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use tokio::sync::Semaphore;

use crate::auth::check_host;
use crate::call::decode;
use crate::server::read;
use crate::shared::Shared;
use crate::world::World;

use form::Form;
use html::Html;
use layout::Section;
use session::{Notice, Sessions, Visitor, is_ours};

/// Where the console begins.
pub(crate) const ROOT: &str = "/console";

/// What the console keeps beside the world.
#[derive(Debug)]
pub(crate) struct Console {
    sessions: Sessions,
    streams: Arc<Semaphore>,
}

impl Console {
    /// Returns a console nobody has signed in to.
    pub(crate) fn new() -> Console {
        Console { sessions: Sessions::new(), streams: Arc::new(Semaphore::new(stream::MOST)) }
    }

    /// Returns the code with which somebody can sign in once.
    pub(crate) fn code(&self) -> Option<String> {
        self.sessions.code()
    }
}

/// Whether a path is one of the console's.
pub(crate) fn is_for(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Answers a request to the console.
pub(crate) async fn respond(shared: &Arc<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let answered = answer(shared, &parts, body).await;
    guarded(answered.unwrap_or_else(|refusal| refusal.response(shared, &parts)))
}

/// A page as it is drawn: what there is, and what was asked for.
struct Page<'a> {
    world: &'a World,
    visitor: &'a Visitor,
    /// The path, for forms that lead back.
    path: &'a str,
    query: &'a Form,
}

/// A page that was drawn.
struct Drawn {
    section: Section,
    title: String,
    body: Html,
}

/// Why there is no page.
enum Refusal {
    /// Nobody is signed in.
    SignIn,
    Wrong(StatusCode, String),
}

impl Refusal {
    fn new(status: StatusCode, text: impl Into<String>) -> Refusal {
        Refusal::Wrong(status, text.into())
    }

    fn response(self, shared: &Shared, parts: &Parts) -> Response {
        match self {
            Refusal::SignIn => {
                let target = parts.uri.path_and_query().map_or(ROOT, |target| target.as_str());
                let back = if parts.method == Method::GET { target } else { ROOT };
                let name = shared.with(|world| world.name.clone());
                page(StatusCode::UNAUTHORIZED, layout::sign_in(&name, back, None))
            }
            Refusal::Wrong(status, text) => page(status, layout::refusal(status, &text)),
        }
    }
}

async fn answer(shared: &Arc<Shared>, parts: &Parts, body: Body) -> Result<Response, Refusal> {
    let forbidden = |text: &str| Refusal::new(StatusCode::FORBIDDEN, text);
    let host = check_host(&parts.headers, &shared.config.hosts)
        .map_err(|_| forbidden("The org was called by a name that is not this machine's."))?;
    if !is_from_here(&parts.headers, &parts.method, host) {
        return Err(forbidden("The request came from a page of another site."));
    }
    let path = parts.uri.path().strip_prefix(ROOT).unwrap_or_default().trim_matches('/');
    let segments: Vec<String> = path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let cookie = Cookie::of(host);
    match (&parts.method, segments.as_slice()) {
        (&Method::GET, ["style.css"]) => return Ok(asset("text/css; charset=utf-8", STYLE)),
        (&Method::GET, ["script.js"]) => return Ok(asset("text/javascript; charset=utf-8", SCRIPT)),
        (&Method::POST, ["sign-in"]) => return sign_in(shared, parts, body, &cookie).await,
        _ => {}
    }
    let visitor = cookie.read(&parts.headers).and_then(|key| shared.console.sessions.visitor(key));
    let visitor = visitor.ok_or(Refusal::SignIn)?;
    match (&parts.method, segments.as_slice()) {
        (&Method::GET, ["events"]) => {
            stream::respond(shared, &parts.headers, &query(parts)).map_err(|text| Refusal::new(BUSY, text))
        }
        (&Method::GET, segments) => {
            let drawn = shared.with(|world| draw(world, &visitor, parts, segments));
            let drawn = drawn.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "There is no such page."))?;
            let notice = shared.console.sessions.notice(&visitor);
            let status = shared.with(|world| layout::Status::of(world));
            Ok(page(StatusCode::OK, layout::document(&drawn, &visitor, &status, notice.as_ref())))
        }
        (&Method::POST, segments) => {
            let form = read_form(parts, body).await?;
            if !is_ours(&visitor, form.value("form").unwrap_or_default()) {
                return Err(forbidden("The form does not belong to this session. Load the page again."));
            }
            match segments {
                ["sign-out"] => {
                    shared.console.sessions.sign_out(&visitor);
                    Ok(cookie.cleared(redirect(ROOT)))
                }
                ["act", name] => {
                    let done = act::act(shared, name, &form, host).await;
                    let done = done.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "There is no such act."))?;
                    let notice = match done {
                        Ok(text) => Notice { is_error: false, text },
                        Err(text) => Notice { is_error: true, text },
                    };
                    shared.console.sessions.tell(&visitor, notice);
                    Ok(redirect(back(&form)))
                }
                _ => Err(Refusal::new(StatusCode::NOT_FOUND, "There is no such form.")),
            }
        }
        _ => Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "The console knows GET and POST.")),
    }
}

fn draw(world: &mut World, visitor: &Visitor, parts: &Parts, segments: &[&str]) -> Option<Drawn> {
    world.tick();
    let query = &query(parts);
    if let ["hooks"] = segments {
        return hooks::draw(world, query);
    }
    let world = &*world;
    let page = Page { world, visitor, path: parts.uri.path(), query };
    match segments {
        [] => Some(timeline::draw(&page)),
        ["exchanges", id] => exchange::draw(&page, id.parse().ok()?),
        ["people"] => Some(people::list(&page)),
        ["people", id] => people::one(&page, id),
        ["groups"] => Some(groups::list(&page)),
        ["groups", id] => groups::one(&page, id),
        ["apps"] => Some(apps::list(&page)),
        ["apps", id] => apps::one(&page, id),
        ["apps", app, "people", person] => account::draw(&page, app, person),
        ["tasks"] => Some(tasks::draw(&page)),
        ["stage"] => Some(stage::draw(&page)),
        ["flows"] => Some(flows::list(&page)),
        ["flows", flow, "runs", id] => flows::run(&page, flow, id),
        _ => None,
    }
}

async fn sign_in(shared: &Arc<Shared>, parts: &Parts, body: Body, cookie: &Cookie) -> Result<Response, Refusal> {
    let form = read_form(parts, body).await?;
    match shared.console.sessions.sign_in(form.value("secret").unwrap_or_default(), &shared.token) {
        Some(visitor) => Ok(cookie.set(redirect(back(&form)), &visitor)),
        None => {
            let name = shared.with(|world| world.name.clone());
            let document =
                layout::sign_in(&name, back(&form), Some("That is neither the token nor a code that works."));
            Ok(page(StatusCode::UNAUTHORIZED, document))
        }
    }
}

/// Whether a request was not made by a page of somebody else's.
///
/// `SameSite` tells sites apart and not ports, so another server of this machine is the same site. What the browser says
/// of the page that asks (Fetch Metadata, `Origin`) tells them apart. Navigation from elsewhere may read, because no
/// other page can look inside.
fn is_from_here(headers: &HeaderMap, method: &Method, host: &str) -> bool {
    let said = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let is_navigation = method == Method::GET && said(&FETCH_MODE) == Some("navigate");
    let is_near = matches!(said(&FETCH_SITE), None | Some("same-origin" | "none")) || is_navigation;
    let is_ours = said(&ORIGIN).is_none_or(|origin| origin.split_once("://").is_some_and(|(_, name)| name == host));
    is_near && is_ours
}

/// The cookie of the session. Cookies do not know ports either, so the name does: two orgs keep out of each other's way.
struct Cookie {
    name: String,
}

impl Cookie {
    fn of(host: &str) -> Cookie {
        let port = host.rsplit_once(':').map(|(_, port)| port).filter(|port| port.parse::<u16>().is_ok());
        Cookie { name: format!("rehearsal-console-{}", port.unwrap_or("80")) }
    }

    fn read<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let lines = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(name, _)| *name == self.name).map(|(_, value)| value)
    }

    fn set(&self, response: Response, visitor: &Visitor) -> Response {
        self.with(response, &visitor.key, "")
    }

    fn cleared(&self, response: Response) -> Response {
        self.with(response, "", "; Max-Age=0")
    }

    fn with(&self, mut response: Response, value: &str, age: &str) -> Response {
        let cookie = format!("{}={value}; Path={ROOT}; HttpOnly; SameSite=Strict{age}", self.name);
        let cookie = HeaderValue::from_str(&cookie).expect("letters, digits and marks are a header value");
        response.headers_mut().insert(SET_COOKIE, cookie);
        response
    }
}

async fn read_form(parts: &Parts, body: Body) -> Result<Form, Refusal> {
    let bytes = read(parts, body, LONGEST_FORM).await;
    let bytes = bytes.map_err(|_| Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "The form is too long."))?;
    Ok(Form::parse(&String::from_utf8_lossy(&bytes)))
}

fn query(parts: &Parts) -> Form {
    Form::parse(parts.uri.query().unwrap_or_default())
}

/// Returns where a form leads back to: a page of the console, whatever it says.
fn back(form: &Form) -> &str {
    let is_page = |target: &&str| {
        let path = target.split(['?', '#']).next().unwrap_or_default();
        is_for(path) && target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    form.value("back").filter(is_page).unwrap_or(ROOT)
}

fn page(status: StatusCode, document: String) -> Response {
    content(status, "text/html; charset=utf-8", Body::from(document))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    content(StatusCode::OK, kind, Body::from(text))
}

fn content(status: StatusCode, kind: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn redirect(target: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let target = HeaderValue::from_str(target).unwrap_or(HeaderValue::from_static(ROOT));
    response.headers_mut().insert(LOCATION, target);
    response
}

/// Adds what keeps other pages out, and this one from loading anything.
fn guarded(mut response: Response) -> Response {
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        // `no-referrer` would make the `Origin` of our own forms null.
        (REFERRER_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const BUSY: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
const LONGEST_FORM: usize = 256 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_console_may_ask() {
        for (pairs, method, answered) in [
            (&[][..], Method::POST, true),
            (&[("origin", "http://127.0.0.1:8902")], Method::POST, true),
            (&[("origin", "http://127.0.0.1:8080")], Method::POST, false),
            (&[("origin", "null")], Method::POST, false),
            (&[("sec-fetch-site", "same-origin")], Method::POST, true),
            (&[("sec-fetch-site", "same-site")], Method::POST, false),
            (&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")], Method::POST, false),
            (&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")], Method::GET, true),
            (&[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "no-cors")], Method::GET, false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            assert_eq!(is_from_here(&headers, &method, "127.0.0.1:8902"), answered, "{method} {pairs:?}");
        }
    }

    #[test]
    fn a_form_leads_back_to_the_console_only() {
        for (given, target) in [
            ("/console/people?q=a%26b", "/console/people?q=a&b"),
            ("/console", "/console"),
            ("/consoles", ROOT),
            ("//evil.example/console", ROOT),
            ("https://evil.example/console", ROOT),
            ("/console/%0D%0ASet-Cookie:x", ROOT),
            ("/console/%5Cevil", ROOT),
            ("", ROOT),
        ] {
            let form = Form::parse(&format!("back={given}").replace("&b", "%26b"));
            assert_eq!(back(&form), target, "{given}");
        }
    }

    #[test]
    fn a_cookie_belongs_to_one_port() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static("a=b; rehearsal-console-1=x;rehearsal-console-2=y"));
        let read = |host: &str| Cookie::of(host).read(&headers).map(str::to_owned);
        assert_eq!(read("127.0.0.1:2").as_deref(), Some("y"));
        assert_eq!((read("[::1]:1").as_deref(), read("[::1]"), read("localhost")), (Some("x"), None, None));
    }
}
