//! The user as Okta knows them: profile, app user, identifier. Not what a service provider stores.

use std::collections::BTreeMap;
use std::fmt;

/// The attributes of an Okta profile, as text.
///
/// Those which the base template of a SCIM app maps are always there; further ones are there once they
/// have been set. A value of `""` is one that was erased. Each attribute is independent: a changed first
/// name does not change the display name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// `login`, the application user name.
    pub login: String,
    /// `firstName`.
    pub first_name: String,
    /// `lastName`.
    pub last_name: String,
    /// `email`.
    pub email: String,
    /// `displayName`.
    pub display_name: String,
    /// `locale`, opaque text such as `en-US`.
    pub locale: String,
    further: BTreeMap<String, String>,
}

/// A key which is neither of the Okta profile nor an attribute added to it; those of the base template
/// are named for a start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown profile attribute `{0}`, expected one of login, firstName, lastName, email, displayName, locale")]
pub struct UnknownProfileKey(pub String);

impl Profile {
    /// The keys of the base template, spelled as in Okta.
    pub const KEYS: [&'static str; 6] = ["login", "firstName", "lastName", "email", "displayName", "locale"];

    /// The keys every Okta profile has (Okta Management API, "User profile"), those of the base template
    /// first.
    pub const OKTA_KEYS: [&'static str; 31] = [
        "login",
        "firstName",
        "lastName",
        "email",
        "displayName",
        "locale",
        "middleName",
        "honorificPrefix",
        "honorificSuffix",
        "title",
        "nickName",
        "profileUrl",
        "secondEmail",
        "primaryPhone",
        "mobilePhone",
        "streetAddress",
        "city",
        "state",
        "zipCode",
        "countryCode",
        "postalAddress",
        "preferredLanguage",
        "timezone",
        "userType",
        "employeeNumber",
        "costCenter",
        "organization",
        "division",
        "department",
        "managerId",
        "manager",
    ];

    /// Returns whether every Okta profile has this key.
    pub fn is_key(key: &str) -> bool {
        Profile::OKTA_KEYS.contains(&key)
    }

    /// Returns a profile with the login for email, both names for display name, and the `en-US` locale
    /// of the examples in the Okta SCIM 2.0 protocol reference.
    pub fn new(login: impl Into<String>, first_name: impl Into<String>, last_name: impl Into<String>) -> Profile {
        let (login, first_name, last_name) = (login.into(), first_name.into(), last_name.into());
        Profile {
            email: login.clone(),
            display_name: format!("{first_name} {last_name}"),
            locale: "en-US".to_owned(),
            login,
            first_name,
            last_name,
            further: BTreeMap::new(),
        }
    }

    /// Sets an attribute that every Okta profile has, or that was [added](Profile::add) to this one.
    pub fn set(&mut self, key: &str, value: impl Into<String>) -> Result<(), UnknownProfileKey> {
        if !Profile::is_key(key) && !self.further.contains_key(key) {
            return Err(UnknownProfileKey(key.to_owned()));
        }
        self.add(key, value);
        Ok(())
    }

    /// Sets an attribute, which may be a custom one.
    pub fn add(&mut self, key: &str, value: impl Into<String>) {
        let value = value.into();
        match self.base(key) {
            Some(attribute) => *attribute = value,
            None => {
                self.further.insert(key.to_owned(), value);
            }
        }
    }

    /// Returns the value of an attribute; `""` where it was erased, nothing where it never had one.
    pub fn value(&self, key: &str) -> Option<&str> {
        Some(match key {
            "login" => &self.login,
            "firstName" => &self.first_name,
            "lastName" => &self.last_name,
            "email" => &self.email,
            "displayName" => &self.display_name,
            "locale" => &self.locale,
            _ => self.further.get(key)?,
        })
    }

    /// Returns the keys that have a value or had one, with it.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        let base = Profile::KEYS.iter().filter_map(|key| Some((*key, self.value(key)?)));
        base.chain(self.further.iter().map(|(key, value)| (key.as_str(), value.as_str())))
    }

    /// Returns the keys whose value is another one than in an earlier profile of the same person.
    pub fn changed_since(&self, earlier: &Profile) -> Vec<String> {
        let changed = |(key, value): &(&str, &str)| earlier.value(key) != Some(value);
        let gone = earlier.further.keys().filter(|key| !self.further.contains_key(*key)).cloned();
        self.entries().filter(changed).map(|(key, _)| key.to_owned()).chain(gone).collect()
    }

    fn base(&mut self, key: &str) -> Option<&mut String> {
        Some(match key {
            "login" => &mut self.login,
            "firstName" => &mut self.first_name,
            "lastName" => &mut self.last_name,
            "email" => &mut self.email,
            "displayName" => &mut self.display_name,
            "locale" => &mut self.locale,
            _ => return None,
        })
    }
}

/// A role or an entitlement somebody was granted in Okta Identity Governance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The `id` of the role or entitlement at the service provider.
    pub value: String,
    /// Its `displayName` there.
    pub display: Option<String>,
    /// The name of its resource type; a role has none.
    pub kind: Option<String>,
}

/// A user's assignment to an app, as Okta keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct AppUser {
    /// The Okta user id, sent as `externalId`.
    pub okta_id: String,
    /// The profile.
    pub profile: Profile,
    /// The placeholder of eight characters that a create carries.
    pub password: String,
    /// The service provider's `id`, once Okta is linked to it.
    pub remote_id: Option<String>,
    /// The state of the assignment.
    pub status: AppUserStatus,
    /// What goes into `roles`, for apps with [entitlements](crate::App::entitlements).
    pub roles: Vec<Grant>,
    /// What goes into `entitlements`, likewise.
    pub entitlements: Vec<Grant>,
}

/// Everything but the password, which is nobody's business.
impl fmt::Debug for AppUser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AppUser")
            .field("okta_id", &self.okta_id)
            .field("profile", &self.profile)
            .field("remote_id", &self.remote_id)
            .field("status", &self.status)
            .field("roles", &self.roles)
            .field("entitlements", &self.entitlements)
            .finish_non_exhaustive()
    }
}

impl AppUser {
    /// Returns a user who was never pushed.
    pub fn new(okta_id: impl Into<String>, profile: Profile, password: impl Into<String>) -> AppUser {
        AppUser {
            okta_id: okta_id.into(),
            profile,
            password: password.into(),
            remote_id: None,
            status: AppUserStatus::Staged,
            roles: Vec::new(),
            entitlements: Vec::new(),
        }
    }
}

/// The state of an assignment, named as in the Okta Management API (`AppUserStatus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppUserStatus {
    /// Waiting for the first push.
    Staged,
    /// Pushed and linked.
    Provisioned,
    /// The Okta user is deactivated; the link is kept.
    Inactive,
    /// The Okta user is suspended, of which the service provider learns nothing.
    Suspended,
    /// The assignment is gone and so is the link.
    Deprovisioned,
}

/// Returns a user id in Okta's shape, `00u` and 17 letters or digits, the same for the same seed.
pub fn okta_id(seed: impl AsRef<[u8]>) -> String {
    const DIGITS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut rest = fnv1a(seed.as_ref());
    let mut id = String::from("00u");
    for _ in 0..17 {
        id.push(char::from(DIGITS[(rest % 62) as usize]));
        rest /= 62;
    }
    id
}

/// FNV-1a with 128 bits (RFC 9923 §2.2): small, and stable over releases of the standard library.
fn fnv1a(bytes: &[u8]) -> u128 {
    const OFFSET_BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.iter().fold(OFFSET_BASIS, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_okta_id_has_twenty_characters_and_follows_from_its_seed() {
        let id = okta_id("ada");
        assert_eq!(id.len(), 20);
        assert!(id.starts_with("00u") && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
        assert_eq!(id, okta_id(b"ada"));
        assert_ne!(id, okta_id("adb"));
    }

    #[test]
    fn every_key_sets_its_own_attribute() {
        for key in Profile::OKTA_KEYS {
            let mut profile = Profile::new("", "", "");
            let before = profile.clone();
            profile.set(key, "changed").expect("a listed key");
            assert_ne!(profile, before, "{key}");
            assert_eq!(profile.value(key), Some("changed"));
        }
    }

    #[test]
    fn a_custom_attribute_is_known_once_it_was_added() {
        let mut profile = Profile::new("a", "b", "c");
        assert_eq!(profile.set("shoeSize", "38"), Err(UnknownProfileKey("shoeSize".to_owned())));
        assert_eq!(profile.value("shoeSize"), None);
        profile.add("shoeSize", "38");
        assert_eq!(profile.set("shoeSize", "39"), Ok(()));
        assert_eq!(profile.value("shoeSize"), Some("39"));
    }

    #[test]
    fn the_base_template_comes_first_among_the_keys() {
        assert_eq!(Profile::OKTA_KEYS[..6], Profile::KEYS);
    }
}
