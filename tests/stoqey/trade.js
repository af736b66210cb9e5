// SPDX-License-Identifier: Apache-2.0
// The unmodified package @stoqey/ib trades against `belay sim tws` at several server versions.
// Usage: node trade.js PATH_TO_BELAY. Prints one line per failed check, a summary, and exits
// non-zero when anything failed. Waits end with the event they wait for; nothing sleeps.
"use strict";

const { spawn } = require("node:child_process");
const { IBApi, EventName } = require("@stoqey/ib");

const VERSIONS = [178, 183, 187, 189, 192, 193];
const LIMIT_MS = 5000;
// Codes a test provokes or that only inform; any other error is a failure.
const EXPECTED = new Set([202, 10147, 103, 2104, 2106, 2158]);
const AAPL = { symbol: "AAPL", secType: "STK", exchange: "SMART", currency: "USD" };
const EVENTS = [
  "connected", "disconnected", "server", "managedAccounts", "nextValidId", "contractDetails",
  "contractDetailsEnd", "marketRule", "accountSummary", "accountSummaryEnd", "openOrder",
  "orderStatus", "openOrderEnd", "execDetails", "execDetailsEnd", "commissionReport", "position",
  "positionEnd", "completedOrder", "completedOrdersEnd", "symbolSamples", "historicalData",
  "headTimestamp", "historicalTicksLast", "securityDefinitionOptionParameter",
  "securityDefinitionOptionParameterEnd", "tickPrice", "tickSnapshotEnd", "pnl",
];

let passed = 0;
let failed = 0;

function startSimulator(belay, version) {
  const child = spawn(
    belay,
    ["sim", "tws", "--port", "0", "--max-version", String(version), "--market-step-ms", "0"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  return new Promise((resolve, reject) => {
    let text = "";
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`the simulator ended with ${code}`)));
    child.stdout.on("data", (data) => {
      text += data;
      const found = /listening on 127\.0\.0\.1:(\d+) \(server version (\d+)\)/.exec(text);
      if (found) resolve({ child, port: Number(found[1]), version: Number(found[2]) });
    });
  });
}

class Session {
  constructor(port) {
    this.events = [];
    this.errors = [];
    this.waiting = null;
    this.ib = new IBApi({ host: "127.0.0.1", port });
    for (const name of EVENTS) {
      this.ib.on(EventName[name], (...args) => this.note({ name, args }));
    }
    this.ib.on(EventName.error, (error, code, id) => {
      this.errors.push({ message: error.message, code, id });
      this.note({ name: "error", args: [error.message, code, id] });
    });
    this.ib.on(EventName.info, (message, code) => {
      this.note({ name: "info", args: [message, code] });
    });
  }

  note(event) {
    this.events.push(event);
    if (this.waiting && this.waiting.test(event)) {
      const { resolve } = this.waiting;
      this.waiting = null;
      resolve(event);
    }
  }

  // Acts, then waits for the event; returns what came from the act until then.
  async after(act, what, test) {
    const from = this.events.length;
    let timer;
    const arrived = new Promise((resolve, reject) => {
      this.waiting = { resolve, test };
      timer = setTimeout(() => reject(new Error(`no ${what} within ${LIMIT_MS} ms`)), LIMIT_MS);
    });
    act();
    try {
      await arrived;
    } finally {
      clearTimeout(timer);
      this.waiting = null;
    }
    return this.events.slice(from);
  }

  until(act, name) {
    return this.after(act, name, (event) => event.name === name);
  }
}

const of = (events, name) => events.filter((event) => event.name === name).map((e) => e.args);
const status = (id, word) => (e) =>
  e.name === "orderStatus" && e.args[0] === id && e.args[1] === word;
const error = (code) => (e) => (e.name === "error" || e.name === "info") && e.args[1] === code;

async function trade(port, version) {
  const check = (name, good, seen) => {
    if (good) {
      passed += 1;
    } else {
      failed += 1;
      console.log(`FAILED at ${version}: ${name}: ${JSON.stringify(seen)}`);
    }
  };
  const s = new Session(port);
  const { ib } = s;

  let seen = await s.until(() => ib.connect(7), "nextValidId");
  const first = of(seen, "nextValidId")[0][0];
  check("connect: the simulator's version", of(seen, "server")[0][0] === version, seen);
  check("connect: accounts", of(seen, "managedAccounts")[0][0] === "DU1234567", seen);
  check("connect: next valid id", first === 1, first);

  seen = await s.until(() => ib.reqContractDetails(11, AAPL), "contractDetailsEnd");
  const details = of(seen, "contractDetails")[0][1];
  check("contract details: id", details.contract.conId === 265598, details);
  check("contract details: name", details.longName === "APPLE INC", details.longName);
  check("contract details: market rules", /^26(,26)*$/.test(details.marketRuleIds), details);
  check("contract details: tick", details.minTick === 0.01, details.minTick);

  seen = await s.until(() => ib.reqMarketRule(26), "marketRule");
  const rule = of(seen, "marketRule")[0];
  check("market rule", rule[0] === 26 && rule[1][0].increment === 0.01, rule);

  seen = await s.until(
    () => ib.reqAccountSummary(12, "All", "NetLiquidation"), "accountSummaryEnd");
  const summary = of(seen, "accountSummary")[0];
  check("account summary",
    summary[2] === "NetLiquidation" && Number(summary[3]) === 1000000, summary);

  const resting = {
    action: "BUY", orderType: "LMT", totalQuantity: 100, lmtPrice: 150.25, tif: "DAY",
    transmit: true, orderRef: "stoqey.rest",
  };
  seen = await s.after(
    () => ib.placeOrder(first, AAPL, resting), "Submitted", status(first, "Submitted"));
  check("resting limit: Submitted first",
    of(seen, "orderStatus")[0][1] === "Submitted", seen);
  check("resting limit: echoed", of(seen, "openOrder")[0][2].lmtPrice === 150.25, seen);
  check("resting limit: reference", of(seen, "openOrder")[0][2].orderRef === "stoqey.rest", seen);

  seen = await s.after(
    () => ib.placeOrder(first, AAPL, { ...resting, lmtPrice: 151.5, totalQuantity: 50 }),
    "Submitted", status(first, "Submitted"));
  const changed = of(seen, "openOrder")[0];
  check("modify: new words",
    changed[2].lmtPrice === 151.5 && changed[2].totalQuantity === 50, changed);

  for (const request of ["reqOpenOrders", "reqAllOpenOrders"]) {
    seen = await s.until(() => ib[request](), "openOrderEnd");
    const orders = of(seen, "openOrder");
    check(`${request}: the order`, orders.length === 1 && orders[0][0] === first, orders);
    check(`${request}: its contract`, orders[0][1].conId === 265598, orders[0][1]);
    check(`${request}: its state`, orders[0][3].status === "Submitted", orders[0][3]);
  }

  seen = await s.after(() => ib.cancelOrder(first), "202", error(202));
  check("cancel: Cancelled", seen.some(status(first, "Cancelled")), seen);
  seen = await s.after(() => ib.cancelOrder(4711), "10147", error(10147));
  check("cancel of an unknown id: 10147", seen.length > 0, seen);

  const second = first + 5;
  seen = await s.until(
    () => ib.placeOrder(second, AAPL, {
      action: "BUY", orderType: "MKT", totalQuantity: 10, tif: "DAY", transmit: true,
      orderRef: "stoqey.fill",
    }), "commissionReport");
  const execution = of(seen, "execDetails")[0];
  const report = of(seen, "commissionReport")[0][0];
  check("fill: execution", execution[2].shares === 10 && execution[2].price === 190.02, execution);
  check("fill: side and reference",
    execution[2].side === "BOT" && execution[2].orderRef === "stoqey.fill", execution[2]);
  check("fill: status Filled", seen.some(status(second, "Filled")), seen);
  check("fill: execution before the status",
    seen.findIndex((e) => e.name === "execDetails") < seen.findIndex(status(second, "Filled")),
    seen);
  check("fill: commission",
    report.execId === execution[2].execId && Math.abs(report.commission - 1.00003) < 1e-9, report);

  seen = await s.until(() => ib.reqExecutions(13, {}), "execDetailsEnd");
  check("executions", of(seen, "execDetails").length === 1, of(seen, "execDetails"));

  seen = await s.until(() => ib.reqPositions(), "positionEnd");
  const position = of(seen, "position")[0];
  check("positions", position[1].symbol === "AAPL" && position[2] === 10, position);

  seen = await s.until(() => ib.reqCompletedOrders(true), "completedOrdersEnd");
  const completed = of(seen, "completedOrder");
  check("completed orders: both", completed.length === 2, completed);
  check("completed orders: states",
    completed[0][2].status === "Cancelled" && completed[1][2].status === "Filled", completed);
  check("completed orders: references",
    completed[1][1].orderRef === "stoqey.fill" && completed[1][1].filledQuantity === 10, completed);

  seen = await s.after(() => ib.placeOrder(first + 1, AAPL, resting), "103", error(103));
  check("old id: 103", seen.length > 0, seen);

  const bad = s.errors.filter((e) => !EXPECTED.has(e.code));
  check("no other errors", bad.length === 0, bad);
  await s.until(() => ib.disconnect(), "disconnected");
}

async function main() {
  const belay = process.argv[2];
  if (!belay) {
    console.error("usage: node trade.js PATH_TO_BELAY");
    process.exit(2);
  }
  for (const version of VERSIONS) {
    const simulator = await startSimulator(belay, version);
    try {
      await trade(simulator.port, version);
    } catch (problem) {
      failed += 1;
      console.log(`FAILED at ${version}: ${problem.message}`);
    }
    simulator.child.removeAllListeners("exit");
    simulator.child.kill();
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

module.exports = { startSimulator, Session, of, status, error };

if (require.main === module) {
  main().catch((problem) => {
    console.log(`FAILED: ${problem.message}`);
    console.log(`${passed} passed, ${failed + 1} failed`);
    process.exit(1);
  });
}
