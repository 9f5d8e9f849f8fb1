/* Guanxi's script for the pages of a shop: it tells who visits and what they do. Plain ES5, nothing else is loaded.
   One tag loads it; what the tag's data attributes mean, and every call, stands in the guide, "Collect events from your shop". */
(function (w, d, n) {
  "use strict";
  var VERSION = "1", MOST = 200, LARGEST = 32000, TOGETHER = 60000, WAIT = 300, LONGEST_WAIT = 300000, YEAR = 31536000;
  var tag = d.currentScript || d.querySelector("script[data-write-key]");
  var early = w.guanxi || [], memory = {}, waiting = [], timer = 0, tries = 0, sending = false, came = d.referrer, at = "", left, nth;
  if (!tag || early.version) return;

  function option(name, otherwise) {
    var value = tag.getAttribute("data-" + name);
    return value === null ? otherwise : value;
  }
  var key = option("write-key", ""), host = option("host", tag.src.split("/v1/")[0]).replace(/\/+$/, "");
  var asks = option("consent", "") === "required";
  var signal = n.globalPrivacyControl === true || /^(1|yes)$/.test(n.doNotTrack || w.doNotTrack || n.msDoNotTrack || "");
  var refused = signal && option("respect-do-not-track", "true") !== "false";

  /* Storage: what cannot be kept in the browser is kept as long as the page is open. */
  function get(name) {
    if (name in memory) return memory[name];
    try { return JSON.parse(w.localStorage.getItem("guanxi." + name)); } catch (e) { return null; }
  }
  function set(name, value) {
    delete memory[name];
    try {
      if (value === null) w.localStorage.removeItem("guanxi." + name);
      else w.localStorage.setItem("guanxi." + name, JSON.stringify(value));
    } catch (e) { memory[name] = value; }
  }
  function cookie(value) {
    if (value === undefined) return (/(?:^|; )guanxi_id=([\w-]+)/.exec(d.cookie) || [])[1];
    var domain = option("cookie-domain", "");
    d.cookie = "guanxi_id=" + value + "; path=/; max-age=" + (value ? YEAR : 0) + "; SameSite=Lax" +
      (domain ? "; domain=" + domain : "") + (w.location.protocol === "https:" ? "; Secure" : "");
  }
  function forget() {
    waiting = [];
    ["id", "user", "group", "queue"].forEach(function (name) { set(name, null); });
    if (cookie()) cookie("");
  }

  /* Consent: whether anything may be kept and sent; undefined while nobody has said. */
  function allowed() {
    if (refused) return false;
    var said = get("consent");
    return said === null ? (asks ? undefined : true) : said;
  }
  function consent(yes) {
    if (refused) return;
    if (!yes) forget();
    set("consent", !!yes);
    if (yes) waiting.splice(0).forEach(keep);
  }

  function uuid() {
    return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, function (c) {
      var some = w.crypto && w.crypto.getRandomValues ? w.crypto.getRandomValues(new Uint8Array(1))[0] : Math.random() * 256;
      return (c ^ (some & (15 >> (c / 4)))).toString(16);
    });
  }
  function anonymous() {
    var id = cookie() || get("id") || uuid();
    if (!cookie()) cookie(id);
    if (!cookie()) set("id", id); // a browser without cookies
    return id;
  }

  function context() {
    var place = w.location, asked = {}, campaign, told;
    (place.search.match(/utm_\w+=[^&]*/g) || []).forEach(function (pair) {
      var name = pair.split("=")[0].slice(4), value = pair.slice(name.length + 5).replace(/\+/g, " ");
      try { asked[name === "campaign" ? "name" : name] = decodeURIComponent(value); } catch (e) { return; }
      campaign = asked;
    });
    told = {
      library: { name: "guanxi.js", version: VERSION }, userAgent: n.userAgent, locale: n.language,
      page: { path: place.pathname, referrer: came, search: place.search, title: d.title, url: place.href },
      screen: { width: w.screen.width, height: w.screen.height, density: w.devicePixelRatio || 1 }
    };
    if (campaign) told.campaign = campaign;
    try { told.timezone = w.Intl.DateTimeFormat().resolvedOptions().timeZone; } catch (e) { /* an old browser has none */ }
    return told;
  }

  /* A call is made once, with its own id that tells the time, and may be sent as often as need be: the id makes it count once. */
  function call(type, fields) {
    var may = allowed(), made = { type: type, messageId: Date.now() + "-" + uuid(), timestamp: new Date().toISOString(), context: context() }, name;
    for (name in fields) if (fields[name] !== undefined && fields[name] !== null) made[name] = fields[name];
    if (size(made) > LARGEST) return complain("A call was left out: it is larger than 32 KB, or no JSON.");
    if (may) keep(made);
    else if (may === undefined && waiting.length < MOST) waiting.push(JSON.parse(JSON.stringify(made)));
  }
  function keep(made) {
    var user = get("user"), queue = queued();
    if (!made.anonymousId) made.anonymousId = anonymous();
    if (made.type === "identify" && made.userId) set("user", made.userId);
    else if (!made.userId && user) made.userId = user;
    if (made.type === "alias") {
      if (!made.previousId) made.previousId = user || made.anonymousId;
      set("user", made.userId);
    }
    if (made.type === "group") set("group", made.groupId);
    else if (get("group")) made.context.groupId = get("group");
    queue.push(made);
    set("queue", queue.slice(-MOST));
    plan(WAIT);
  }
  function size(value) {
    try { return unescape(encodeURIComponent(JSON.stringify(value))).length; } catch (e) { return Infinity; } // a circle
  }
  function queued() {
    var queue = get("queue");
    return queue && queue.push ? queue : [];
  }
  function complain(what) { if (w.console) w.console.warn("Guanxi: " + what); }

  function plan(wait) {
    if (!timer && !sending) timer = setTimeout(flush, wait);
  }
  function batch() {
    var queue = queued(), some = [], large = 0, nth;
    for (nth = 0; nth < queue.length && (large += size(queue[nth]) + 1) < TOGETHER; nth++) some.push(queue[nth]);
    return some;
  }
  function body(some) {
    return JSON.stringify({ writeKey: key, batch: some, sentAt: new Date().toISOString() });
  }
  function flush() {
    var some = batch(), request;
    clearTimeout(timer);
    timer = 0;
    if (sending || !some.length || !allowed()) return;
    sending = true;
    request = new XMLHttpRequest();
    request.open("POST", host + "/v1/batch");
    request.setRequestHeader("Content-Type", "text/plain"); // asks for no leave beforehand
    request.onloadend = function () { sent(some, request); };
    request.send(body(some));
  }
  function sent(some, request) {
    var status = request.status, later = status < 200 || status >= 500 || status === 429 || status === 408;
    sending = false;
    if (later) return plan(pause(request));
    if (status >= 400) complain(status + ": " + request.responseText);
    tries = 0;
    done(some);
    if (queued().length) plan(0);
  }
  function done(some) {
    var ids = some.map(function (each) { return each.messageId; });
    var rest = queued().filter(function (each) { return ids.indexOf(each.messageId) < 0; });
    set("queue", rest.length ? rest : null);
  }
  function pause(request) {
    var told = request.status ? +request.getResponseHeader("Retry-After") * 1000 : 0;
    return Math.max(told || 0, Math.min(LONGEST_WAIT, 1000 * Math.pow(2, tries++)) * (0.5 + Math.random() / 2));
  }
  /* What is sent at leave stays in the queue: nobody hears whether it came. The next page sends it again, and it counts once. */
  function leave() {
    var some = allowed() ? batch() : [], last = some.length && some[some.length - 1].messageId;
    if (last && last !== left && n.sendBeacon && n.sendBeacon(host + "/v1/batch", body(some))) left = last;
  }

  function object(value) { return value && typeof value === "object"; }
  var api = {
    version: VERSION,
    identify: function (user, traits) {
      call("identify", object(user) ? { traits: user } : { userId: user, traits: traits });
    },
    track: function (event, properties) { call("track", { event: event, properties: properties }); },
    page: function (name, properties) {
      if (at && at !== w.location.href) came = at;
      at = w.location.href;
      call("page", object(name) ? { properties: name } : { name: name, properties: properties });
    },
    group: function (group, traits) { call("group", { groupId: group, traits: traits }); },
    alias: function (user, previous) { call("alias", { userId: user, previousId: previous }); },
    reset: function () {
      ["id", "user", "group"].forEach(function (name) { set(name, null); });
      if (cookie()) cookie("");
    },
    consent: consent,
    ready: function (then) { setTimeout(then, 0); },
    push: function (told) { if (api[told[0]]) api[told[0]].apply(api, told.slice(1)); }
  };
  w.guanxi = api;
  if (refused) forget();
  w.addEventListener("online", function () { clearTimeout(timer); timer = tries = 0; flush(); });
  w.addEventListener("pagehide", leave);
  d.addEventListener("visibilitychange", function () { if (d.visibilityState === "hidden") leave(); });
  for (nth = 0; nth < early.length; nth++) if (early[nth][0] === "consent") consent(early[nth][1]);
  if (option("first-page", null) !== null) api.page();
  for (nth = 0; nth < early.length; nth++) if (early[nth][0] !== "consent") api.push(early[nth]);
  if (allowed()) plan(WAIT);
})(window, document, navigator);
