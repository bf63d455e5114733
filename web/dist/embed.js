"use strict";(()=>{function r(n,t={},...i){let e=document.createElement(n);return f(e,t),e.append(...i.filter(o=>o!=null&&o!==!1)),e}function c(n,t,...i){let e=r("button",{type:"button",...n},...i);return e.addEventListener("click",t),e}function f(n,t){for(let[i,e]of Object.entries(t))e===void 0||e===!1?n.removeAttribute(i):n.setAttribute(i,e===!0?"":e)}function p(n){return typeof n=="object"&&n!==null&&"manyvox"in n}var g=["channel","token","theme"];function m(n,t){let i=new URLSearchParams({embed:""});for(let o of g){let a=t[o];a&&i.set(o,a)}let e=new URL("./",n);return e.hash=i.toString(),e}var u=`/* The chat in another page. Whatever that page has, nothing of it comes in here. */

:host { all: initial; }

.widget {
  position: fixed;
  z-index: 2147483000;
  bottom: max(1rem, env(safe-area-inset-bottom));
  display: flex;
  flex-direction: column;
  gap: 0.75rem;
  font: 1rem/1.5 system-ui, sans-serif;
}

.right { right: max(1rem, env(safe-area-inset-right)); align-items: flex-end; }
.left { left: max(1rem, env(safe-area-inset-left)); align-items: flex-start; }

[hidden] { display: none !important; }

button {
  position: relative;
  display: grid;
  place-items: center;
  width: 3.5rem;
  height: 3.5rem;
  padding: 0;
  border: 0;
  border-radius: 50%;
  background: var(--color);
  color: var(--ink);
  box-shadow: 0 0 0 1px rgb(255 255 255 / 0.35), 0 4px 20px rgb(0 0 0 / 0.28);
  cursor: pointer;
  transition: transform 0.15s ease-out;
}

button:hover { transform: scale(1.05); }
button:focus-visible { outline: 3px solid var(--color); outline-offset: 3px; box-shadow: 0 0 0 3px #fff, 0 4px 20px rgb(0 0 0 / 0.28); }
svg { width: 1.75rem; height: 1.75rem; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
[aria-expanded="true"] .chat, [aria-expanded="false"] .down { display: none; }

[role="dialog"] {
  position: relative;
  width: min(25rem, calc(100vw - 2rem));
  height: min(42rem, calc(100dvh - 7rem));
  overflow: hidden;
  border-radius: 1.25rem;
  background: #fff;
  box-shadow: 0 0 0 1px rgb(0 0 0 / 0.08), 0 12px 48px rgb(0 0 0 / 0.25);
}

iframe { display: block; width: 100%; height: 100%; border: 0; opacity: 0; transition: opacity 0.15s; }
[data-ready] iframe { opacity: 1; }
p { position: absolute; inset: 40% 1.5rem auto; margin: 0; text-align: center; color: #44474d; }

@media (prefers-color-scheme: dark) {
  [role="dialog"] { background: #131516; box-shadow: 0 0 0 1px rgb(255 255 255 / 0.14), 0 12px 48px rgb(0 0 0 / 0.6); }
  p { color: #c4c6c8; }
}

/* On a small screen the page takes all of it, and has its own button to close. */
@media (max-width: 30rem), (max-height: 26rem) {
  [role="dialog"] { position: fixed; inset: 0; width: auto; height: auto; border-radius: 0; }
  [data-ready] + button[aria-expanded="true"] { display: none; }
}

@media (prefers-reduced-motion: reduce) {
  * { transition: none !important; }
}

@media (forced-colors: active) {
  button, [role="dialog"] { border: 2px solid ButtonText; }
}
`;var s="%settings%",v=1e4,d=class{element=r("div");launcher;panel;problem=r("p",{role:"alert",hidden:!0},"The chat cannot be shown here.");frame;page;constructor(t,i){this.page=m(t,i);let e=i.label||s.title;this.launcher=c({"aria-expanded":"false","aria-haspopup":"dialog"},()=>this.panel.hidden?this.open():this.close(),x()),this.launcher.setAttribute("aria-label",e),this.launcher.title=e,this.panel=r("div",{role:"dialog","aria-label":s.title,hidden:!0},this.problem);let o=this.element.attachShadow({mode:"open"}),a=new CSSStyleSheet;a.replaceSync(`${u} :host { --color: ${s.color}; --ink: ${s.ink}; }`),o.adoptedStyleSheets=[a],o.append(r("div",{class:`widget ${i.side==="left"?"left":"right"}`},this.panel,this.launcher)),addEventListener("message",l=>this.told(l)),o.addEventListener("keydown",l=>l.key==="Escape"&&!this.panel.hidden&&this.close()),i.open!==void 0&&i.open!=="false"&&this.show()}open(){this.show(),this.frame?.focus(),this.ready||this.tell("focus")}show(){this.panel.hidden=!1,this.launcher.setAttribute("aria-expanded","true"),this.frame||this.load()}close(){this.panel.hidden=!0,this.launcher.setAttribute("aria-expanded","false"),this.launcher.focus()}load(){this.frame=r("iframe",{src:this.page.href,title:s.title,allow:"clipboard-write"}),this.panel.append(this.frame);let t=()=>this.missing(),i=setTimeout(t,v);this.frame.addEventListener("load",()=>setTimeout(t,1e3)),this.ready=()=>{clearTimeout(i),this.ready=void 0,this.problem.hidden=!0,this.panel.dataset.ready=""}}ready;missing(){this.ready&&this.problem.hidden&&(this.problem.hidden=!1,console.warn(`Manyvox: ${this.page.origin} does not show the chat on ${location.origin}: it must be one of its --cors.`))}told({source:t,origin:i,data:e}){t!==this.frame?.contentWindow||i!==this.page.origin||!p(e)||(e.manyvox==="ready"?(this.ready?.(),this.element.shadowRoot?.activeElement===this.frame&&this.tell("focus")):e.manyvox==="close"&&this.close())}tell(t){this.frame?.contentWindow?.postMessage({manyvox:t},this.page.origin)}};function x(){let n="http://www.w3.org/2000/svg",t=document.createElementNS(n,"svg");t.setAttribute("viewBox","0 0 24 24"),t.setAttribute("aria-hidden","true");for(let[i,e]of[["chat","M8 4.5h8a5 5 0 0 1 5 5v2a5 5 0 0 1-5 5h-3.5L8 20v-3.5a5 5 0 0 1-5-5v-2a5 5 0 0 1 5-5z"],["down","M6 9.5l6 6 6-6"]]){let o=document.createElementNS(n,"path");o.setAttribute("class",i),o.setAttribute("d",e),t.append(o)}return t}var h=document.currentScript;if(h instanceof HTMLScriptElement){let n=()=>document.body.append(new d(h.src,h.dataset).element);document.body?n():addEventListener("DOMContentLoaded",n)}})();
