//! What QEMU and the bridge answer, member by member: as what it should be, or not at all. Code that a derive makes for
//! each shape would be a tenth of what a browser downloads.

use qmp_proto::{JsonKind, JsonRef};

/// A member that is a string.
pub(super) fn string(object: JsonRef<'_>, member: &str) -> Option<String> {
    Some(object.get(member)?.string()?.into_owned())
}

/// A member that is a string, and not an empty one.
pub(super) fn text(object: JsonRef<'_>, member: &str) -> Option<String> {
    string(object, member).filter(|text| !text.is_empty())
}

/// A member that is a whole number, and not below zero.
pub(super) fn number(object: JsonRef<'_>, member: &str) -> Option<u64> {
    object.get(member)?.as_str().parse().ok()
}

/// Whether a member is true.
pub(super) fn is_true(object: JsonRef<'_>, member: &str) -> bool {
    object.get(member).is_some_and(|flag| flag.as_str() == "true")
}

/// What an array is of; `None` if it is none, or an element is not as it should be.
pub(super) fn all<'a, T>(array: JsonRef<'a>, read: impl FnMut(JsonRef<'a>) -> Option<T>) -> Option<Vec<T>> {
    (array.kind() == JsonKind::Array).then(|| array.elements().map(read).collect())?
}
