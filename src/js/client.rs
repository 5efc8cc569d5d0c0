//! `connect` and the `Client` class. Methods clone what they need and give a promise: nothing of a JavaScript object is
//! borrowed while something is in flight, so that `free()` is always safe.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Promise, TypeError};
use qmp_proto::Version;
use wasm_bindgen::prelude::*;

use super::convert::{self, BigInts};
use super::error;
use super::events::{self, EventStream, Events};
use super::execute::{ExecuteOptions, Executor, Settings};
use super::options::Options;
use super::schema::Schemas;
use super::snapshot::{self, Store};
use super::source::{Places, Source};
use super::trace::{self, Trace};
use super::waiter::Promised;
use crate::connection::{Change, Connection};
use crate::supervisor::{self, State, Why};
use crate::transport::CloseInfo;
use crate::transport::web_socket::ConnectOptions;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

/// Connects to a QMP server behind a WebSocket, and again whenever the connection ends.
#[wasm_bindgen(unchecked_return_type = "Promise<Client>")]
#[expect(unreachable_pub, reason = "reachable from JavaScript")]
pub fn connect(
    #[wasm_bindgen(unchecked_param_type = "Given<string | URL | WebSocket | Duplex>")] url: JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "ConnectOptions")] options: JsValue,
) -> Promise {
    console_error_panic_hook::set_once();
    begin(url, &options).unwrap_or_else(|error| Promise::reject(&error))
}

fn begin(url: JsValue, options: &JsValue) -> Result<Promise, JsValue> {
    let JsConnectOptions {
        source,
        mut retry,
        timeout,
        check,
    } = JsConnectOptions::from_js(url, options)?;
    let events = source.events.clone();
    if source.places.is_pipe() {
        retry.tries = Some(0);
    }
    let (bigint, diagnose, trace) = (source.bigint, source.diagnose.clone(), source.trace.clone());
    let connection = Connection::new(retry, move |attempt| source.open(attempt));
    trace::follow(&connection, trace.clone());
    let schemas = Schemas::new(&diagnose);
    let settings = Settings {
        events: events.clone(),
        bigint,
        timeout,
        is_new: Rc::new(Cell::new(true)),
        schemas: schemas.clone(),
        check,
    };
    let client = JsClient::new(Executor { connection, settings }, diagnose, trace.clone());
    let store = client.shared.store.clone();
    Ok(complete(client.into(), &store, &trace, &events, &schemas, check))
}

#[wasm_bindgen(module = "/src/js/client.js")]
extern "C" {
    /// The client, with what a class out of wasm-bindgen lacks, once it is live for the first time. If that fails, nothing
    /// is tried again: whoever wrote the address is there to see it.
    fn complete(
        client: JsValue,
        store: &Store,
        trace: &Trace,
        events: &Events,
        schemas: &Schemas,
        check: bool,
    ) -> Promise;
}

#[wasm_bindgen(module = "/src/js/job.js")]
extern "C" {
    /// Used by `client.js`, and exported for `instanceof`.
    #[wasm_bindgen(reexport)]
    type Job;
}

#[wasm_bindgen(module = "/src/js/job-kinds.js")]
extern "C" {
    /// Used by `job.js`: a file is part of the package if it is named.
    type Migration;
}

/// A connection to one machine.
#[wasm_bindgen(js_name = Client)]
pub struct JsClient {
    executor: Executor,
    shared: Rc<Shared>,
    trace: Trace,
}

/// What changes with the connection.
struct Shared {
    store: Store,
    /// The promise of the end, while somebody has asked for it.
    closed: RefCell<Option<Closed>>,
    was_closed: Cell<bool>,
}

/// A promise of how the connection ends, and what resolves it.
struct Closed {
    promise: Promise,
    resolve: Function,
}

impl JsClient {
    fn new(executor: Executor, diagnose: Function, trace: Trace) -> Self {
        let shared = Rc::new(Shared {
            store: Store::new(&executor.settings.events, &snapshot::of(&executor.connection)),
            closed: RefCell::default(),
            was_closed: Cell::default(),
        });
        let this = Rc::downgrade(&shared);
        let (events, weak) = (executor.settings.events.clone(), executor.connection.downgrade());
        let renew = executor.renewal();
        let changed = move |change: &Change| {
            let (Some(this), Some(connection)) = (this.upgrade(), weak.upgrade()) else {
                return;
            };
            match change {
                Change::Pinged(_) => {}
                Change::Resumed(gap) => {
                    renew();
                    let diagnostic = convert::object([("kind", "resumed".into()), ("gap", (*gap).into())]);
                    super::diagnose(&diagnose, &diagnostic);
                }
                Change::State(state) => this.changed(*state, &connection, &events),
            }
        };
        executor.connection.on_change(changed).forever();
        Self {
            executor,
            shared,
            trace,
        }
    }

    fn wait_once(&self, event: &JsValue, options: &JsValue) -> Result<Promise, JsValue> {
        let names = convert::names(event)?;
        let given = Options::new(options, &["signal", "timeout", "where"])?;
        given.signal("signal")?;
        given.milliseconds("timeout")?;
        given.function("where")?;
        Ok(events::once(&self.executor.settings.events, &names, options))
    }
}

impl Shared {
    fn changed(&self, state: State, connection: &Connection<Promised>, events: &Events) {
        let snapshot = self.store.change(&snapshot::of(connection));
        if let State::Closed(why) = state {
            events.end(&error::ended(&connection.last_close()), why == Why::ByUs);
        } else if self.was_closed.replace(false) {
            // The next end is another one.
            self.closed.take();
        }
        self.settle_closed(connection);
        self.store.tell(&snapshot);
    }

    /// Resolves the promise of the end, if that has come.
    fn settle_closed(&self, connection: &Connection<Promised>) {
        if !matches!(connection.state(), State::Closed(_)) {
            return;
        }
        self.was_closed.set(true);
        if let Some(Closed { resolve, .. }) = &*self.closed.borrow() {
            let CloseInfo { code, reason } = connection.last_close();
            let close = convert::object([("code", code.into()), ("reason", reason.into())]);
            // Resolved already, it does nothing; what waits runs later.
            let _ = resolve.call1(&JsValue::UNDEFINED, &close);
        }
    }
}

impl Closed {
    fn new() -> Self {
        let mut resolve = None;
        let promise = Promise::new(&mut |resolver, _| resolve = Some(resolver));
        Self {
            promise,
            resolve: resolve.expect("a promise calls its executor at once"),
        }
    }
}

impl std::fmt::Debug for JsClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Client").field(&self.executor).finish()
    }
}

#[wasm_bindgen(js_class = Client)]
impl JsClient {
    /// Executes a command: resolves with its `return`, rejects with a `QmpError`.
    #[wasm_bindgen(skip_typescript)]
    pub fn execute(&self, command: &JsValue, arguments: &JsValue, options: &JsValue) -> Promise {
        self.executor
            .execute(command, arguments, options)
            .unwrap_or_else(|error| Promise::reject(&error))
    }

    /// Executes what the client needs to know itself.
    #[wasm_bindgen(skip_typescript)]
    pub fn query(&self, command: &str) -> Promise {
        self.executor.send(command, None, &ExecuteOptions::default())
    }

    /// Calls `listener` with each event of this name or these names, or with every event for `"*"`. Returns a function
    /// that ends it.
    #[wasm_bindgen(unchecked_return_type = "() => void")]
    pub fn on(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string | string[]")] event: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "(event: QmpEvent) => void")] listener: JsValue,
    ) -> Result<Function, JsValue> {
        let names = convert::names(event)?;
        Ok(self
            .executor
            .settings
            .events
            .on(&names, &convert::function("listener", listener)?))
    }

    /// The next event of this name or these names.
    #[wasm_bindgen(skip_typescript)]
    pub fn once(&self, event: &JsValue, options: &JsValue) -> Promise {
        self.wait_once(event, options)
            .unwrap_or_else(|error| Promise::reject(&error))
    }

    /// Events of these names as they come, or all of them for `"*"`.
    #[wasm_bindgen(skip_typescript)]
    pub fn events(&self, event: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
        let names = convert::names(event)?;
        let given = Options::new(options, &["capacity", "signal"])?;
        given.signal("signal")?;
        given.count("capacity")?;
        Ok(EventStream::new(&self.executor.settings.events, &names, options).into())
    }

    /// Closes the connection for good. What is pending rejects. Resolves when that is done.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn close(&self) -> Promise {
        self.executor.connection.close();
        Promise::resolve(&JsValue::UNDEFINED)
    }

    /// Connects anew, now: instead of waiting for the next try, after the last one, or instead of what is connected.
    pub fn reconnect(&self) {
        self.executor.connection.reconnect();
    }

    /// Resolves when the connection has ended and is not made again, however that came.
    #[wasm_bindgen(getter, unchecked_return_type = "Promise<CloseInfo>")]
    pub fn closed(&self) -> Promise {
        let mut closed = self.shared.closed.borrow_mut();
        let promise = closed.get_or_insert_with(Closed::new).promise.clone();
        drop(closed);
        self.shared.settle_closed(&self.executor.connection);
        promise
    }

    /// How the connection is; another object after each change.
    #[wasm_bindgen(js_name = getSnapshot, unchecked_return_type = "Snapshot")]
    pub fn get_snapshot(&self) -> JsValue {
        self.shared.store.get()
    }

    /// Calls `listener` with how the connection is, now and after each change. Returns a function that ends it.
    #[wasm_bindgen(unchecked_return_type = "() => void")]
    pub fn subscribe(
        &self,
        #[wasm_bindgen(unchecked_param_type = "(snapshot: Snapshot) => void")] listener: JsValue,
    ) -> Result<Function, JsValue> {
        let listener = convert::function("listener", listener)?;
        Ok(self.shared.store.subscribe(&listener))
    }

    /// What went over the connection, and what became of it.
    #[wasm_bindgen(getter, unchecked_return_type = "Trace")]
    pub fn trace(&self) -> JsValue {
        self.trace.clone().into()
    }

    /// What was negotiated, such as `["async", "oob"]`.
    #[wasm_bindgen(getter, unchecked_return_type = "string[]")]
    pub fn capabilities(&self) -> Vec<String> {
        let live = self.executor.connection.live();
        let capabilities = live.map(|live| live.client.capabilities()).unwrap_or_default();
        capabilities.names().map(str::to_owned).collect()
    }

    /// The version of QEMU.
    #[wasm_bindgen(getter, unchecked_return_type = "QmpVersion")]
    pub fn version(&self) -> JsValue {
        let Version {
            major,
            minor,
            micro,
            package,
        } = self.executor.connection.greeting().version;
        convert::object([
            ("major", major.into()),
            ("minor", minor.into()),
            ("micro", micro.into()),
            ("package", package.into()),
        ])
    }

    /// How the connection is.
    #[wasm_bindgen(getter, unchecked_return_type = "ConnectionState")]
    pub fn state(&self) -> String {
        snapshot::name(self.executor.connection.state()).to_owned()
    }
}

impl Drop for JsClient {
    fn drop(&mut self) {
        self.executor.connection.close();
    }
}

/// `ConnectOptions` as JavaScript gives them; see `types.d.ts`.
struct JsConnectOptions {
    source: Source,
    retry: supervisor::Options,
    timeout: Option<f64>,
    check: bool,
}

impl JsConnectOptions {
    fn from_js(url: JsValue, value: &JsValue) -> Result<Self, JsValue> {
        let known = [
            "bigint",
            "check",
            "greetingTimeout",
            "liveness",
            "negotiationTimeout",
            "onDiagnostic",
            "onUnhandledEvent",
            "reconnect",
            "timeout",
            "token",
            "trace",
        ];
        let options = Options::new(value, &known)?;
        let mut wire = ConnectOptions::default();
        read_times(
            &options,
            [
                ("greetingTimeout", &mut wire.greeting_timeout),
                ("negotiationTimeout", &mut wire.negotiation_timeout),
            ],
        )?;
        let bigint = match options.string("bigint")? {
            None => BigInts::default(),
            Some(given) => BigInts::ALL
                .into_iter()
                .find(|known| known.as_str() == given)
                .ok_or_else(|| TypeError::new("bigint must be \"auto\", \"always\" or \"never\""))?,
        };
        let token = options.value("token")?.unwrap_or_default();
        let trace = Trace::from(&options.value("trace")?.unwrap_or_default())?;
        Ok(Self {
            source: Source {
                places: Places::new(&url, &token, &trace)?,
                wire,
                bigint,
                events: Events::new(options.function("onUnhandledEvent")?.as_ref()),
                diagnose: trace.diagnosing(options.function("onDiagnostic")?.as_ref()),
                trace,
            },
            retry: patience(options.value("reconnect")?, options.value("liveness")?)?,
            timeout: options.milliseconds("timeout")?,
            check: options.boolean("check")?,
        })
    }
}

/// When to try again, `false` for never, and when a peer that says nothing is in doubt.
fn patience(retry: Option<JsValue>, liveness: Option<JsValue>) -> Result<supervisor::Options, JsValue> {
    let seed = getrandom::u64().map_err(|_| TypeError::new("there are no random numbers"))?;
    let mut patience = supervisor::Options::new(seed);
    let liveness = Options::new(&liveness.unwrap_or_default(), &["dead", "silence", "unstable"])?;
    read_times(
        &liveness,
        [
            ("dead", &mut patience.dead),
            ("silence", &mut patience.silence),
            ("unstable", &mut patience.unstable),
        ],
    )?;
    if let Some(given) = retry.as_ref().and_then(JsValue::as_bool) {
        patience.tries = patience.tries.filter(|_| given).or(Some(0));
        return Ok(patience);
    }
    let retry = Options::new(&retry.unwrap_or_default(), &["base", "max", "tries"])?;
    read_times(&retry, [("base", &mut patience.base), ("max", &mut patience.max)])?;
    if let Some(tries) = retry.count("tries")? {
        patience.tries = tries.is_finite().then_some(tries as u32);
    }
    Ok(patience)
}

/// Milliseconds, where they are given; of more than fits, the most that fits.
fn read_times<const N: usize>(options: &Options, places: [(&str, &mut u32); N]) -> Result<(), JsValue> {
    for (name, place) in places {
        if let Some(time) = options.milliseconds(name)? {
            *place = time as u32;
        }
    }
    Ok(())
}
