//! Reading SCIM 1.1 answers where they differ from those of SCIM 2.0.

use serde_json::Value;

/// Returns the description of the first error in a SCIM 1.1 error body.
///
/// Okta SCIM 1.1 protocol reference, "Create the User"; SCIM 1.1 protocol §3.9. What Okta shows of several
/// errors is not documented.
pub(crate) fn description(error: &Value) -> Option<&str> {
    error["Errors"][0]["description"].as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_description_is_read_whatever_the_code_looks_like() {
        for code in [json!(409), json!("409"), json!(null)] {
            let error = json!({ "Errors": [{ "description": "User already exists.", "code": code },
                                           { "description": "And so on." }] });
            assert_eq!(description(&error), Some("User already exists."), "{code}");
        }
    }

    #[test]
    fn another_body_has_no_description() {
        for error in [json!({}), json!([]), json!({ "Errors": {} }), json!({ "Errors": [] }), json!({ "Errors": [1] })]
        {
            assert_eq!(description(&error), None, "{error}");
        }
    }
}
