// Where require.js looks for modules: beside this file, never on the network.
requirejs.config({ baseUrl: new URL(".", document.currentScript.src).href });
