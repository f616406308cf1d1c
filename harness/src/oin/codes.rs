//! The codes of what can be wrong with a manifest or with attestations. Codes are permanent, as those of suites are.

use scim_suite::diagnostic::Code;

/// Every code of `oin.toml` and `attest.toml`, in order.
pub static OIN_CODES: &[&Code] = &[
    &FORM,
    &EMPTY,
    &TOO_LONG,
    &LOGO_UNREADABLE,
    &LOGO_REFUSED,
    &SETTING_NAME,
    &TOO_MANY_SETTINGS,
    &AUTH_MODE,
    &ADDRESS,
    &BASE_URL,
    &EXPRESSION,
    &OPERATION,
    &USE_CASES,
    &REDIRECT_URIS,
    &CONTACT,
    &ENTITLEMENT,
    &TWICE,
    &SECRET,
    &UNUSED_SETTING,
    &UNKNOWN_ROW,
    &NOT_FOR_PEOPLE,
    &BAD_DATE,
    &EXPIRED,
];

pub(super) static FORM: Code = Code::new(
    "O001",
    "the file has not the form of a manifest or of attestations",
    "oin.toml and attest.toml are TOML 1.0 with the keys of the examples in reports/examples.",
    "Mend what is under the caret.",
);
pub(super) static EMPTY: Code = Code::new(
    "O002",
    "a text that is needed is empty",
    "The Wizard does not go on without it.",
    "Fill it in, or take the key away so that it is listed as missing.",
);
pub(super) static TOO_LONG: Code = Code::new(
    "O003",
    "a text is longer than the Wizard takes",
    "A display name has at most 64 characters, a description fewer than 1,024, a name of a tenant setting and a base URL at most 1,024.",
    "Shorten it.",
);
pub(super) static LOGO_UNREADABLE: Code = Code::new(
    "O004",
    "the logo cannot be read",
    "The path is taken from the folder of the manifest.",
    "Name a file that is there.",
);
pub(super) static LOGO_REFUSED: Code = Code::new(
    "O005",
    "the logo is not of a form that the catalog takes",
    "It takes PNG, JPG and GIF below 1 MB, 200×200, 244×244, 244×156 or 156×244 pixels.",
    "Export the icon again in one of these sizes.",
);
pub(super) static SETTING_NAME: Code = Code::new(
    "O006",
    "a tenant setting has a name that the Wizard refuses",
    "A name has lower-case letters, digits and underscores, and begins with a letter. Renaming one later breaks customers.",
    "Write it as `subdomain` or `api_region`.",
);
pub(super) static TOO_MANY_SETTINGS: Code = Code::new(
    "O007",
    "more tenant settings than Okta allows",
    "Okta's guide of the Wizard allows eight, its guide of the prerequisites three.",
    "Ask customers for less: one setting that names their tenant is usually enough.",
);
pub(super) static AUTH_MODE: Code = Code::new(
    "O008",
    "a way of authentication that submissions cannot have",
    "The Wizard offers Header, Bearer and OAuth 2; Basic is for private apps alone.",
    "Write header, bearer or oauth.",
);
pub(super) static ADDRESS: Code = Code::new(
    "O009",
    "an address that Okta or a reviewer cannot use",
    "Addresses in a submission are public and https.",
    "Write a whole https address.",
);
pub(super) static BASE_URL: Code = Code::new(
    "O010",
    "the base URL breaks a rule of the Wizard",
    "Okta calls over TLS only, at a public name; the Wizard refuses underscores and more than 1,024 characters.",
    "Do what the message says.",
);
pub(super) static EXPRESSION: Code = Code::new(
    "O011",
    "the expression of an address has no value",
    "An address with tenant settings is an expression: texts in quotes, app.name, +, conditions and the String functions.",
    "Mend what is under the caret.",
);
pub(super) static OPERATION: Code = Code::new(
    "O012",
    "the operations claimed are not what the Wizard offers",
    "Users can be created, read, updated, deactivated, given a password, changed by PATCH, and their schema imported; create and read are always on. Groups can be created, read, updated and deleted.",
    "Claim what the server can do, in these words.",
);
pub(super) static USE_CASES: Code = Code::new(
    "O013",
    "more use cases than can be chosen",
    "Three can be chosen; those that the protocols bring along come on top.",
    "Choose the three that matter most.",
);
pub(super) static REDIRECT_URIS: Code = Code::new(
    "O014",
    "redirect URIs of Okta are not among those the authorization server allows",
    "Okta sends administrators back to one address for each of its cells; a customer in a cell that is not allowed cannot connect.",
    "Allow every address the message names, with the name Okta gives the app.",
);
pub(super) static CONTACT: Code = Code::new(
    "O015",
    "a contact behind which nobody in particular stands",
    "Okta's reviewers write to the support contact and expect an answer.",
    "Name an address that somebody reads.",
);
pub(super) static ENTITLEMENT: Code = Code::new(
    "O016",
    "an entitlement is not described well enough",
    "The Wizard asks for a resource type, and for an endpoint that begins with a slash.",
    "Write resource-type = \"Role\" and endpoint = \"/Roles\".",
);
pub(super) static TWICE: Code = Code::new(
    "O017",
    "a name stands twice",
    "Each tenant setting, operation and attestation stands once.",
    "Take one of them away.",
);
pub(super) static SECRET: Code = Code::new(
    "O018",
    "a secret stands in the manifest",
    "The manifest is committed; passwords are typed into the Wizard.",
    "Take it away, and change it if it was ever committed.",
);
pub(super) static UNUSED_SETTING: Code = Code::new(
    "O019",
    "a tenant setting that no address uses",
    "Every setting is a question to every administrator.",
    "Use it in the base URL or in an endpoint, or take it away.",
);
pub(super) static UNKNOWN_ROW: Code = Code::new(
    "O020",
    "an attestation of something that is no row",
    "What can be attested are the rows of Okta's test plan and the items that the report lists for people.",
    "Copy the id from the report.",
);
pub(super) static NOT_FOR_PEOPLE: Code = Code::new(
    "O021",
    "an attestation of something that cases show",
    "A row that cases can show in full is not made green by a person's word.",
    "Take the attestation away, and run the cases.",
);
pub(super) static BAD_DATE: Code = Code::new(
    "O022",
    "an attestation has dates that cannot be",
    "It says on which day somebody looked, not later than today, and may say until when that holds.",
    "Write the day as on = 2026-11-20.",
);
pub(super) static EXPIRED: Code = Code::new(
    "O023",
    "an attestation holds no longer",
    "Without until, it holds for a year.",
    "Look again, and write the day.",
);
