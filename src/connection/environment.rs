//! What the browser knows of the network and of who looks. In a worker nobody looks; elsewhere there may be neither.

use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

use crate::supervisor::Input;

/// Listens as long as it lives.
pub(super) struct Environment {
    listening: Vec<(EventTarget, &'static str)>,
    listener: Closure<dyn FnMut(web_sys::Event)>,
}

impl Environment {
    /// Tells of each change. `None` where nothing tells.
    pub(super) fn watch(tell: impl Fn(Input) + 'static) -> Option<Self> {
        let global = js_sys::global();
        let target = |value: JsValue| value.dyn_into::<EventTarget>().ok();
        let page = Reflect::get(&global, &"document".into()).ok().and_then(target);
        let listener = Closure::new(move |event: web_sys::Event| match &*event.type_() {
            "offline" => tell(Input::Offline),
            "online" => tell(Input::Online),
            _ if is_hidden() => {}
            _ => {
                // What came of the network while nobody looked may not have been told.
                tell(if is_online() {
                    Input::Online
                } else {
                    Input::Offline
                });
                tell(Input::Visible);
            }
        });
        let mut this = Self {
            listening: vec![],
            listener,
        };
        if let Some(global) = target(global.into()) {
            this.listen(global.clone(), "offline");
            this.listen(global, "online");
        }
        if let Some(page) = page {
            this.listen(page, "visibilitychange");
        }
        (!this.listening.is_empty()).then_some(this)
    }

    fn listen(&mut self, target: EventTarget, name: &'static str) {
        let listener: &Function = self.listener.as_ref().unchecked_ref();
        // To listen cannot fail.
        let _ = target.add_event_listener_with_callback(name, listener);
        self.listening.push((target, name));
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        let listener: &Function = self.listener.as_ref().unchecked_ref();
        for (target, name) in &self.listening {
            let _ = target.remove_event_listener_with_callback(name, listener);
        }
    }
}

fn is_hidden() -> bool {
    read(&["document", "hidden"]).is_truthy()
}

fn is_online() -> bool {
    !read(&["navigator", "onLine"]).is_falsy()
}

/// A property of a property of the global object, or `undefined`.
fn read(path: &[&str]) -> JsValue {
    let global = js_sys::global().into();
    path.iter().fold(global, |value, name| {
        Reflect::get(&value, &(*name).into()).unwrap_or(JsValue::UNDEFINED)
    })
}
