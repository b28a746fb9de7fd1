//! The description of the API, as OpenAPI 3.1: the routes' own words, and what the layers around them may answer.

use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};

use super::frame::PUBLIC;
use super::seat;

#[derive(OpenApi)]
#[openapi(
    info(title = "Aftercall", description = "Follow-up calls: the API of the console."),
    security(("session" = [])),
    // What events carry: streams are described as text, their data by these.
    components(schemas(super::desk::DeskEvent)),
)]
pub(super) struct Document;

/// The description of the API.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let (_, mut document) = super::routes().split_for_parts();
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(seat::COOKIE)));
    document
        .components
        .get_or_insert_default()
        .add_security_scheme("session", cookie);
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            complete(path, method, operation);
        }
    }
    document
}

/// The same as text, as it is committed and served.
pub fn openapi_text() -> String {
    let text = serde_json::to_string_pretty(&openapi()).unwrap_or_default();
    format!("{text}\n")
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("get", &mut item.get),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
    ];
    all.into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Gives an operation a name of its own, and says what the guard, the reading of the request and the limits may answer, where the
/// route has not said it in its own words.
fn complete(path: &str, method: &str, operation: &mut Operation) {
    operation.operation_id = Some(name(path, method));
    let is_public = PUBLIC
        .iter()
        .any(|(public, place)| public.as_str().eq_ignore_ascii_case(method) && *place == path);
    let is_safe = method == "get";
    let mut may = vec![("503", "The daemon cannot do it now: database away, or too much to do.")];
    if !is_public {
        may.push(("401", "Not signed in, or the session is over."));
    }
    if !is_public || !is_safe {
        may.push((
            "403",
            "Not allowed, the password is due, or the request comes from another site.",
        ));
    }
    if operation.parameters.is_some() || operation.request_body.is_some() {
        may.push(("400", "It cannot be read."));
    }
    if operation.request_body.is_some() {
        may.push(("413", "It is too large."));
        may.push(("415", "It is not of this content type."));
        may.push(("422", "It can be read, and something in it will not do."));
    }
    if method == "post" && !is_public {
        may.push((
            "409",
            "Not in this state, or a request with the same Idempotency-Key is under way.",
        ));
    }
    for (status, meaning) in may {
        let responses = &mut operation.responses.responses;
        responses.entry(status.to_owned()).or_insert_with(|| {
            let schema = Ref::from_schema_name("Problem");
            let content = ContentBuilder::new().schema(Some(schema)).build();
            ResponseBuilder::new()
                .description(meaning)
                .content("application/problem+json", content)
                .build()
                .into()
        });
    }
}

/// `get_people`, `post_people_id_lock`: programs that are made from the document call operations by these.
fn name(path: &str, method: &str) -> String {
    let parts = path.trim_start_matches("/api/").split('/');
    let words = parts.map(|part| part.replace(['{', '}'], "").replace(['-', '.'], "_"));
    words.fold(method.to_owned(), |name, word| format!("{name}_{word}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let mut document = openapi();
        let mut names = BTreeSet::new();
        for item in document.paths.paths.values_mut() {
            for (_, operation) in operations(item) {
                let name = operation.operation_id.clone().unwrap();
                assert!(names.insert(name.clone()), "{name}");
            }
        }
        assert!(
            names.contains("post_people_id_lock") && names.contains("get_openapi_json"),
            "{names:?}"
        );
    }
}
