// A service provider made of SCIMMY and SCIMMY Routers, with users and groups in memory.
//
//   node server.js PORT TOKEN
//
// What a vendor has to write is here: a store, unique user names, one bearer token. Everything SCIM, from filters and
// paging to PATCH and error bodies, is the libraries' own, so that the suites judge them and not this file.

import { randomUUID } from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const [port = "0", token = ""] = process.argv.slice(2);

/** Declares a resource type whose resources live in a map; `key` names the attribute that is unique without case. */
function keep(Resource, key) {
    const store = new Map();
    const known = (id) => store.get(id) ?? missing(id);

    SCIMMY.Resources.declare(Resource)
        .ingress((resource, instance) => {
            const before = resource.id ? known(resource.id) : undefined;
            const id = resource.id ?? randomUUID();
            // Through JSON, as into a database: what the library keeps out of JSON is not stored.
            const data = JSON.parse(JSON.stringify(instance));
            for (const other of store.values()) {
                if (other.id !== id && fold(other[key]) === fold(data[key])) taken(key, data[key]);
            }
            const now = new Date().toISOString();
            const meta = { resourceType: Resource.name, created: before?.meta.created ?? now, lastModified: now };
            store.set(id, { ...data, id, meta });
            return store.get(id);
        })
        .egress((resource) => {
            if (resource.id) return known(resource.id);
            const all = [...store.values()];
            return resource.filter ? resource.filter.match(all) : all;
        })
        .degress((resource) => {
            known(resource.id);
            store.delete(resource.id);
        });
}

function fold(text) {
    return String(text).toLowerCase();
}

function missing(id) {
    throw new SCIMMY.Types.Error(404, null, `Resource ${id} not found`);
}

function taken(key, value) {
    throw new SCIMMY.Types.Error(409, "uniqueness", `${key} ${value} is taken`);
}

function authenticate(request) {
    if (request.header("Authorization") !== `Bearer ${token}`) throw new Error("Unknown token");
}

SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false);
keep(SCIMMY.Resources.User, "userName");
keep(SCIMMY.Resources.Group, "displayName");

const app = express();
app.use("/scim/v2", new SCIMMYRouters({
    type: "bearer",
    handler: authenticate,
    baseUri: (request) => `${request.protocol}://${request.get("host")}`,
}));
// The routers answer GET /Me with 501 and then pass an error on, for which Express would drop the connection a moment later:
// under whichever request is on it by then, so that another case would fail each time.
app.use((error, request, response, next) => {
    if (!response.headersSent) next(error);
});
const server = app.listen(Number(port), "127.0.0.1", () => {
    process.stdout.write(`http://127.0.0.1:${server.address().port}/scim/v2\n`);
});
