//! The rules of the Wizard for what stands in a manifest (Okta: OIN Wizard; submit an app, prerequisites).

use super::expression::{Expression, Wrong, is_expression};
use super::manifest::{Auth, Manifest, TenantSetting};
use super::{codes, logo};
use crate::doctor::base_url;
use scim_suite::diagnostic::Code;
use scim_suite::{Diagnostic, Span};
use std::collections::BTreeSet;
use toml::Spanned;

/// What a manifest is found to be.
#[derive(Debug)]
pub(crate) struct Linted {
    /// What is wrong in it, in the order of the file.
    pub(crate) wrong: Vec<Diagnostic>,
    /// What a submission needs and it does not name.
    pub(crate) missing: Vec<String>,
    /// The base URL, worked out from the examples of the tenant settings.
    pub(crate) base_url: Option<String>,
}

/// Looks at a manifest.
pub(crate) fn lint(manifest: &Manifest) -> Linted {
    let mut lint = Lint { manifest, wrong: Vec::new(), used: BTreeSet::new() };
    lint.catalog();
    lint.settings();
    lint.auth();
    let base_url = lint.base_url();
    lint.operations();
    lint.entitlements();
    lint.review();
    lint.unused_settings();
    let mut wrong = lint.wrong;
    wrong.sort_by_key(|mistake| mistake.span().range().start);
    Linted { wrong, missing: missing(manifest), base_url }
}

struct Lint<'m> {
    manifest: &'m Manifest,
    wrong: Vec<Diagnostic>,
    /// The tenant settings that some address uses.
    used: BTreeSet<String>,
}

impl Lint<'_> {
    fn tell(&mut self, code: &'static Code, at: Span, message: impl Into<String>, help: &str) {
        self.wrong.push(Diagnostic::new(code, at, message).help(help));
    }

    fn warn(&mut self, code: &'static Code, at: Span, message: impl Into<String>, help: &str) {
        self.wrong.push(Diagnostic::new(code, at, message).help(help).warning());
    }

    /// Tells of a text that is empty or longer than it may be; `most` is the longest that is taken.
    fn text(&mut self, what: &str, text: &Spanned<String>, most: usize) {
        let (at, length) = (self.manifest.at(text), text.get_ref().chars().count());
        if text.get_ref().trim().is_empty() {
            self.tell(&codes::EMPTY, at, format!("{what} is empty"), "fill it in, or take the key away");
        } else if length > most {
            let message = format!("{what} has {length} characters, and at most {most} are taken");
            self.tell(&codes::TOO_LONG, at, message, "shorten it");
        }
    }

    fn catalog(&mut self) {
        let app = &self.manifest.says.app;
        self.text("the display name", &app.name, 64);
        if let Some(description) = &app.description {
            self.text("the description", description, 1023);
        }
        if let Some(extra) = app.use_cases.get(3) {
            let message = format!("{} use cases are chosen, and three can be", app.use_cases.len());
            let help = "Lifecycle Management comes by itself; leave it out";
            self.tell(&codes::USE_CASES, self.manifest.at(extra), message, help);
        }
        for guide in &app.guides {
            self.address("the configuration guide", guide);
        }
        if let Some(logo) = &app.logo {
            self.logo(logo);
        }
        if let Some(support) = &app.support {
            self.text("the support contact", support, 1024);
            let name = support.get_ref().split('@').next().unwrap_or_default().to_ascii_lowercase();
            let digits: String = support.get_ref().chars().filter(char::is_ascii_digit).collect();
            if ["support", "help", "helpdesk", "info", "contact", "sales"].contains(&name.as_str())
                || ["800", "1800"].iter().any(|free| digits.starts_with(free))
            {
                let message = "behind this contact stands a queue, and nobody in particular";
                self.warn(&codes::CONTACT, self.manifest.at(support), message, "name an address that somebody reads");
            }
        }
        if let Some(contact) = &app.contact {
            self.text("the public contact", contact, 1024);
        }
    }

    fn logo(&mut self, path: &Spanned<String>) {
        let at = self.manifest.at(path);
        let found = match logo::look(&self.manifest.folder.join(path.get_ref())) {
            Ok(found) => found,
            Err(cause) => {
                let help = "the path goes from the folder of the manifest";
                return self.tell(&codes::LOGO_UNREADABLE, at, format!("the logo cannot be read: {cause}"), help);
            }
        };
        if found.bytes >= 1_000_000 {
            let message = format!("the logo has {} bytes, and fewer than 1,000,000 are taken", found.bytes);
            self.tell(&codes::LOGO_REFUSED, at.clone(), message, "save it smaller");
        }
        match found.picture {
            None => self.tell(&codes::LOGO_REFUSED, at, "the logo is no PNG, JPG or GIF", "save it as PNG"),
            Some(picture) if !SIZES.contains(&(picture.width, picture.height)) => {
                let message = format!("the logo has {} × {} pixels", picture.width, picture.height);
                let help = "200×200, 244×244, 244×156 and 156×244 are taken";
                self.tell(&codes::LOGO_REFUSED, at, message, help);
            }
            Some(_) => {}
        }
    }

    fn settings(&mut self) {
        let settings = &self.manifest.says.tenant_setting;
        for (place, setting) in settings.iter().enumerate() {
            let name = setting.name.get_ref();
            let at = self.manifest.at(&setting.name);
            self.text("the name of the setting", &setting.name, 1024);
            self.text("the label of the setting", &setting.label, 1024);
            let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            let is_name = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(is_part);
            if !name.is_empty() && !is_name {
                let help = "lower-case letters, digits and underscores, a letter first";
                self.tell(&codes::SETTING_NAME, at.clone(), format!("`{name}` is no name of a setting"), help);
            }
            if settings[..place].iter().any(|earlier| earlier.name.get_ref() == name) {
                self.tell(&codes::TWICE, at.clone(), format!("two settings are called `{name}`"), "rename one");
            }
            match place {
                8 => {
                    let message = format!("there are {} settings, and the Wizard takes eight", settings.len());
                    self.tell(&codes::TOO_MANY_SETTINGS, at, message, "ask customers for less");
                }
                3 if settings.len() <= 8 => {
                    let message = format!("there are {} settings", settings.len());
                    let help = "Okta's prerequisites allow three, its Wizard eight; ask which holds, or use fewer";
                    self.warn(&codes::TOO_MANY_SETTINGS, at, message, help);
                }
                _ => {}
            }
        }
    }

    fn auth(&mut self) {
        let Some(auth) = &self.manifest.says.auth else { return };
        let at = self.manifest.at(&auth.mode);
        match auth.mode.get_ref().as_str() {
            "header" | "bearer" => {}
            "oauth" => self.oauth(auth, &at),
            "basic" => {
                let help = "Basic is for private apps; submissions have header, bearer or oauth";
                self.tell(&codes::AUTH_MODE, at, "the Wizard does not offer Basic", help);
            }
            other => {
                let mistake = Diagnostic::new(&codes::AUTH_MODE, at, format!("`{other}` is no mode"));
                self.wrong.push(mistake.suggest(other, ["header", "bearer", "oauth"]));
            }
        }
    }

    fn oauth(&mut self, auth: &Auth, mode: &Span) {
        for (what, url) in [("authorize-url", &auth.authorize_url), ("token-url", &auth.token_url)] {
            match url {
                None => {
                    self.tell(&codes::EMPTY, mode.clone(), format!("OAuth 2 needs {what}"), "add it under [auth]");
                }
                Some(url) => {
                    if let Some(address) = self.worked_out(url, false) {
                        self.https(what, url, &address);
                    }
                }
            }
        }
        let allowed: Vec<&str> = auth.redirect_uris.iter().map(|uri| uri.get_ref().as_str()).collect();
        let is_there = |host: &&str| {
            let prefix = format!("{host}/admin/app/cpc/");
            allowed.iter().any(|uri| uri.starts_with(&prefix) && uri.ends_with("/oauth/callback"))
        };
        let absent: Vec<&str> = CELLS.iter().filter(|cell| !is_there(cell)).copied().collect();
        if !absent.is_empty() {
            let at = auth.redirect_uris.first().map_or(mode.clone(), |uri| self.manifest.at(uri));
            let message = format!("{} of Okta's {} redirect URIs are not allowed", absent.len(), CELLS.len());
            let help = format!("allow {}/admin/app/cpc/<app>/oauth/callback", absent.join(" and "));
            self.warn(&codes::REDIRECT_URIS, at, message, &help);
        }
    }

    fn base_url(&mut self) -> Option<String> {
        let written = &self.manifest.says.scim.base_url;
        self.text("the base URL", written, 1024);
        let url = self.worked_out(written, false)?;
        let at = self.manifest.at(written);
        for flaw in base_url::flaws(&url) {
            self.tell(&codes::BASE_URL, at.clone(), format!("{url}: {}", flaw.message), flaw.remedy);
        }
        // A setting that was added later is empty wherever the app is installed already.
        let settings = self.manifest.says.tenant_setting.iter().filter(|setting| setting.added_later);
        let later: Vec<&str> = settings.map(|setting| setting.name.get_ref().as_str()).collect();
        if !later.is_empty()
            && let Some(old) = self.worked_out(written, true)
            && let Some(flaw) = base_url::flaws(&old).first()
        {
            let message = format!("where `{}` is still empty, it is {old}: {}", later.join("`, `"), flaw.message);
            let help = "choose by String.len(app.name) > 0 ? … : …, so that installed apps go on";
            self.tell(&codes::BASE_URL, at, message, help);
        }
        Some(url)
    }

    /// Works an address out, from the examples of the tenant settings, or with those empty that came later.
    fn worked_out(&mut self, written: &Spanned<String>, later_empty: bool) -> Option<String> {
        let text = written.get_ref();
        if !is_expression(text) {
            return Some(text.clone());
        }
        let settings = &self.manifest.says.tenant_setting;
        let of = |name: &str| {
            let setting = settings.iter().find(|setting| setting.name.get_ref() == name)?;
            let is_empty = later_empty && setting.added_later;
            Some(if is_empty { String::new() } else { example(setting) })
        };
        let parsed = Expression::parse(text);
        if let Ok(expression) = &parsed {
            self.used.extend(expression.variables().into_iter().map(|variable| variable.name));
            // What the chosen branch does not reach counts as well.
            let unknown = expression.variables().into_iter().find(|variable| of(&variable.name).is_none());
            if let Some(variable) = unknown {
                let message = format!("no tenant setting is called `{}`", variable.name);
                let at = self.inside(written, variable.at);
                let known = settings.iter().map(|setting| setting.name.get_ref().as_str());
                self.wrong.push(Diagnostic::new(&codes::EXPRESSION, at, message).suggest(&variable.name, known));
                return None;
            }
        }
        match parsed.and_then(|expression| expression.value(&of)) {
            Ok(value) => Some(value),
            Err(Wrong { at, message, help }) => {
                let at = self.inside(written, at);
                // Trying it a second time tells the same.
                if !later_empty {
                    self.tell(&codes::EXPRESSION, at, message, &help);
                }
                None
            }
        }
    }

    /// Returns the place of a part of a text, if it stands in the file as it is.
    fn inside(&self, text: &Spanned<String>, part: std::ops::Range<usize>) -> Span {
        let whole = self.manifest.at(text);
        match whole.text().find(text.get_ref().as_str()) {
            Some(offset) => {
                let start = whole.range().start + offset;
                Span::new(&self.manifest.file, start + part.start..start + part.end)
            }
            None => whole,
        }
    }

    fn operations(&mut self) {
        let scim = &self.manifest.says.scim;
        for (claimed, known) in [(&scim.users, USER_OPERATIONS), (&scim.groups, GROUP_OPERATIONS)] {
            for (place, operation) in claimed.iter().enumerate() {
                let (name, at) = (operation.get_ref(), self.manifest.at(operation));
                if !known.contains(&name.as_str()) {
                    let mistake = Diagnostic::new(&codes::OPERATION, at, format!("`{name}` is no operation"));
                    self.wrong.push(mistake.suggest(name, known.iter().copied()));
                } else if claimed[..place].iter().any(|earlier| earlier.get_ref() == name) {
                    self.tell(&codes::TWICE, at, format!("`{name}` stands twice"), "take one of them away");
                }
            }
        }
        let absent: Vec<&str> =
            ["create", "read"].into_iter().filter(|operation| !self.manifest.claims_user(operation)).collect();
        if !absent.is_empty() {
            let at = scim.users.first().map_or_else(|| self.manifest.at(&scim.base_url), |it| self.manifest.at(it));
            let message = format!("users cannot be without `{}`", absent.join("` and `"));
            self.tell(&codes::OPERATION, at, message, "add it to users; the Wizard has it always on");
        }
        let groups = scim.attributes.iter().filter(|name| name.get_ref().eq_ignore_ascii_case("groups"));
        for attribute in groups {
            let at = self.manifest.at(attribute);
            self.tell(&codes::OPERATION, at, "`groups` cannot be mapped", "Okta takes groups by group push");
        }
    }

    fn entitlements(&mut self) {
        for entitlement in &self.manifest.says.entitlement {
            self.text("the resource type", &entitlement.resource_type, 1024);
            let endpoint = &entitlement.endpoint;
            if !endpoint.get_ref().starts_with('/') {
                let message = format!("`{}` is no endpoint", endpoint.get_ref());
                self.tell(&codes::ENTITLEMENT, self.manifest.at(endpoint), message, "begin it with a slash: /Roles");
            }
        }
    }

    fn review(&mut self) {
        if let Some(account) = &self.manifest.says.test_account {
            self.address("the test account's URL", &account.url);
            self.text("the test account's name", &account.username, 1024);
            if account.password.is_some() {
                // The line of the secret itself is not shown.
                let at = self.manifest.at(&account.username);
                let help = "take it out, and change it if this was ever committed; it is typed into the Wizard";
                self.tell(&codes::SECRET, at, "the password of the test account stands beside this", help);
            }
        }
        if let Some(links) = &self.manifest.says.runscope {
            for link in [&links.spec, &links.crud, &links.entitlements].into_iter().flatten() {
                self.address("the link to the result", link);
            }
        }
    }

    fn unused_settings(&mut self) {
        for setting in &self.manifest.says.tenant_setting {
            let name = setting.name.get_ref();
            if !self.used.contains(name) {
                let help = "use it as app.name in an address, or take it away";
                let message = format!("no address here uses `{name}`");
                self.warn(&codes::UNUSED_SETTING, self.manifest.at(&setting.name), message, help);
            }
        }
    }

    fn address(&mut self, what: &str, written: &Spanned<String>) {
        self.https(what, written, written.get_ref());
    }

    fn https(&mut self, what: &str, written: &Spanned<String>, address: &str) {
        let host = address.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
        let is_good = host.is_some_and(|host| !host.is_empty() && !host.contains(char::is_whitespace));
        if !is_good {
            let message = format!("{what} is no https address");
            self.tell(&codes::ADDRESS, self.manifest.at(written), message, "write it as https://…");
        }
    }
}

/// Returns what a customer would write: the example, or the name where none is given.
fn example(setting: &TenantSetting) -> String {
    let example = setting.example.as_ref().map(|example| example.get_ref().clone());
    example.unwrap_or_else(|| setting.name.get_ref().replace('_', "-"))
}

/// Returns what a submission needs and the manifest does not name.
fn missing(manifest: &Manifest) -> Vec<String> {
    let says = &manifest.says;
    let links = says.runscope.as_ref();
    let needs_entitlements = !says.entitlement.is_empty();
    [
        ("the description ([app] description)", says.app.description.is_none()),
        ("the logo ([app] logo)", says.app.logo.is_none()),
        ("a configuration guide ([app] guides)", says.app.guides.is_empty()),
        ("the support contact for Okta ([app] support)", says.app.support.is_none()),
        ("the contact for customers ([app] contact)", says.app.contact.is_none()),
        ("the way of authentication ([auth] mode)", says.auth.is_none()),
        ("a test account for Okta's reviewers ([test-account])", says.test_account.is_none()),
        (
            "instructions for Okta's reviewers ([test-account] instructions)",
            says.test_account.as_ref().is_some_and(|account| account.instructions.is_none()),
        ),
        (
            "the link to the result of the entitlements file on Runscope ([runscope] entitlements)",
            needs_entitlements && links.is_none_or(|links| links.entitlements.is_none()),
        ),
    ]
    .into_iter()
    .filter(|(_, is_missing)| *is_missing)
    .map(|(what, _)| what.to_owned())
    .collect()
}

/// What the catalog takes: square, round, wide, high.
const SIZES: [(u32, u32); 4] = [(200, 200), (244, 244), (244, 156), (156, 244)];
/// What the Wizard offers for users.
pub(crate) const USER_OPERATIONS: &[&str] =
    &["create", "read", "update", "deactivate", "change-password", "patch", "import-schema"];
/// What the Wizard offers for groups.
pub(crate) const GROUP_OPERATIONS: &[&str] = &["create", "read", "update", "delete"];
/// Where administrators come from (Okta: OIN Wizard, OAuth settings).
const CELLS: [&str; 5] = [
    "https://system-admin.okta.com",
    "https://system-admin.okta-emea.com",
    "https://system-admin.oktapreview.com",
    "https://system-admin.trexcloud.com",
    "http://system-admin.okta1.com:1802",
];
