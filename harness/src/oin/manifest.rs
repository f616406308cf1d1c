//! The manifest, `oin.toml`: what a vendor would type into the OIN Wizard, committed beside the code.
//!
//! Here it is read, and nothing is judged but its form.

use super::codes;
use scim_suite::{Diagnostic, SourceFile, Span};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};
use toml::Spanned;

type Text = Spanned<String>;

/// A manifest, with the file it was read from.
#[derive(Debug)]
pub(crate) struct Manifest {
    /// What it says.
    pub(crate) says: Table,
    /// The file, for places.
    pub(crate) file: Arc<SourceFile>,
    /// The folder it lies in, from which paths in it go.
    pub(crate) folder: PathBuf,
}

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Table {
    /// What the catalog shows.
    pub(crate) app: App,
    /// What each customer fills in.
    #[serde(default)]
    pub(crate) tenant_setting: Vec<TenantSetting>,
    /// How Okta proves who it is.
    pub(crate) auth: Option<Auth>,
    /// Where the server is, and what it can do.
    pub(crate) scim: Scim,
    /// What governance can grant.
    #[serde(default)]
    pub(crate) entitlement: Vec<Entitlement>,
    /// Where Okta's reviewers try it.
    pub(crate) test_account: Option<TestAccount>,
    /// The results of Okta's own tests.
    pub(crate) runscope: Option<Runscope>,
}

/// `[app]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct App {
    pub(crate) name: Text,
    pub(crate) description: Option<Text>,
    pub(crate) logo: Option<Text>,
    #[serde(default)]
    pub(crate) use_cases: Vec<Text>,
    #[serde(default)]
    pub(crate) guides: Vec<Text>,
    pub(crate) support: Option<Text>,
    pub(crate) contact: Option<Text>,
}

/// `[[tenant-setting]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TenantSetting {
    pub(crate) name: Text,
    pub(crate) label: Text,
    /// What a customer would write, for working addresses out.
    pub(crate) example: Option<Text>,
    /// Whether customers who installed an earlier version have not filled it in.
    #[serde(default)]
    pub(crate) added_later: bool,
}

/// `[auth]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Auth {
    pub(crate) mode: Text,
    pub(crate) authorize_url: Option<Text>,
    pub(crate) token_url: Option<Text>,
    /// What the vendor's authorization server allows.
    #[serde(default)]
    pub(crate) redirect_uris: Vec<Text>,
}

/// `[scim]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Scim {
    pub(crate) base_url: Text,
    /// The operations on users that are claimed.
    pub(crate) users: Vec<Text>,
    /// The operations on groups that are claimed; none, if groups are not.
    #[serde(default)]
    pub(crate) groups: Vec<Text>,
    /// The attributes that the app maps.
    #[serde(default)]
    pub(crate) attributes: Vec<Text>,
}

/// `[[entitlement]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Entitlement {
    pub(crate) resource_type: Text,
    pub(crate) endpoint: Text,
}

/// `[test-account]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TestAccount {
    pub(crate) url: Text,
    pub(crate) username: Text,
    pub(crate) instructions: Option<Text>,
    /// Read to be refused: a manifest is committed.
    pub(crate) password: Option<toml::Value>,
}

/// `[runscope]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Runscope {
    pub(crate) spec: Option<Text>,
    pub(crate) crud: Option<Text>,
    pub(crate) entitlements: Option<Text>,
}

/// Why a file cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum OinError {
    /// It cannot be read.
    #[error("{path}: it cannot be read: {cause}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// It has not the form it needs.
    #[error("{}", .0.render(false))]
    Wrong(Box<Diagnostic>),
}

impl Manifest {
    /// Reads a manifest.
    pub(crate) fn read(path: &Path) -> Result<Manifest, OinError> {
        let (says, file) = read(path)?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Manifest { says, file, folder })
    }

    /// Returns the place of a value.
    pub(crate) fn at<T>(&self, value: &Spanned<T>) -> Span {
        Span::new(&self.file, value.span())
    }

    /// Tells whether an operation on users is claimed.
    pub(crate) fn claims_user(&self, operation: &str) -> bool {
        self.says.scim.users.iter().any(|claimed| claimed.get_ref() == operation)
    }

    /// Tells whether an operation on groups is claimed.
    pub(crate) fn claims_group(&self, operation: &str) -> bool {
        self.says.scim.groups.iter().any(|claimed| claimed.get_ref() == operation)
    }
}

/// Reads a file of this form, small as such files are.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<(T, Arc<SourceFile>), OinError> {
    let name = path.display().to_string();
    let unreadable = |cause| OinError::Unreadable { path: name.clone(), cause };
    let size = fs::metadata(path).map_err(unreadable)?.len();
    if size > LARGEST {
        return Err(unreadable(io::Error::new(io::ErrorKind::FileTooLarge, "it is too large for what people write")));
    }
    let file = Arc::new(SourceFile::new(&name, fs::read_to_string(path).map_err(unreadable)?));
    match toml::from_str(&file.text) {
        Ok(table) => Ok((table, file)),
        Err(error) => {
            let span = Span::new(&file, error.span().unwrap_or(0..0));
            let message = error.message().lines().next().unwrap_or_default();
            Err(OinError::Wrong(Box::new(Diagnostic::new(&codes::FORM, span, message))))
        }
    }
}

const LARGEST: u64 = 1_000_000;
