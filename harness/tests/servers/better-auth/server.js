// A service provider made of Better Auth and its SCIM plugin, with people and groups in memory.
//
//   node server.js PORT TOKEN
//
// What a vendor has to write is here: a connection with its bearer token, and a database. Everything SCIM, from filters
// and paging to PATCH and error bodies, is the plugin's own, so that the suites judge it and not this file.

import { createServer } from "node:http";
import { scim } from "@better-auth/scim";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { getAuthTables } from "better-auth/db";
import { toNodeHandler } from "better-auth/node";

const [port = "0", token = ""] = process.argv.slice(2);

const options = {
    baseURL: `http://127.0.0.1:${port}`,
    basePath: "/",
    secret: `${token} of a server that holds nobody's secrets`,
    logger: { disabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    plugins: [scim({ connections: [{ id: "rehearsal", credentials: [{ id: "bearer", token }] }] })],
};
const tables = Object.fromEntries(Object.values(getAuthTables(options)).map((table) => [table.modelName, []]));
const auth = betterAuth({ ...options, database: memoryAdapter(tables) });

const server = createServer(toNodeHandler(auth));
server.listen(Number(port), "127.0.0.1", () => {
    process.stdout.write(`http://127.0.0.1:${server.address().port}/scim/v2\n`);
});
