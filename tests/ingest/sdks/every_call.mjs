// Sends every kind of call by the library of Node, unchanged but for its host.
import { Analytics } from "@segment/analytics-node"

const [host, writeKey] = process.argv.slice(2)
const analytics = new Analytics({ host, writeKey, flushAt: 20 })
analytics.on("error", (error) => { console.error(error); process.exitCode = 1 })
const userId = "u-1"
analytics.track({ anonymousId: "device-1", event: "Product Viewed", properties: { sku: "T-1" } })
analytics.page({ anonymousId: "device-1", name: "Tea", properties: { path: "/tea" } })
analytics.screen({ anonymousId: "device-1", name: "Cart" })
analytics.alias({ userId, previousId: "old-1" })
analytics.group({ userId, groupId: "club" })
analytics.identify({ userId, anonymousId: "device-1", traits: { name: "Ada Byron", email: "ada@example.com" } })
await analytics.closeAndFlush()
