/**
 * A worker that tries `HTMLRewriter`: `/` answers what became of each case (output as Latin-1, error,
 * and what the handlers saw), `/selectors` which selectors can be used. It runs in workerd, too.
 */
export const behaviourWorker = String.raw`
const selectors = ['p','*','P','.a','#i','p.a.b','p#i.a','[x]','[x=y]','[x="y z"]',"[x='y']",'[x~=y]','[x|=y]','[x^=y]','[x$=y]','[x*=y]','[x=y i]','[x=y s]','p > b','p>b','p b',' p ','p, b','p,','p + b','p ~ b',':not(p)',':not(p.a)',':not(p b)','p:not(.a):not(.b)',':not(:not(p))','p:nth-child(2n+1)','p:nth-child(odd)','p:nth-child(-n+3)','p:nth-child( 2 )','p:first-child','p:last-child','p:nth-last-child(1)','p:only-child','p:empty','p:hover','p::before','p:first-of-type','p:nth-of-type(2)','p:has(b)','p:is(b)','p:where(b)','svg|p','*|p','','>p','p >','[','[x','p..a','p.','#','p:not()','\\31 a','.\\:x','a\\','p/*c*/b','[ x = y ]','[X]','[data-x]','p:nth-child(0)','p:nth-child(x)','p:root',':root','p||b','p >> b','p:not(a,b)','p:nth-child(2 of .a)','[x=]','[x=1]','.1a','#1','-p','--p','_p','é','p!','html|*',':nth-child(2n + 1)',':nth-child(2n+-1)',':NOT(p)',':Nth-Child(2)'];
const cases = [
  ['removed and closed by the way',["<div><span>a</div>b"],(r,l)=>r.on("span",{element(e){e.remove()}})],
  ['removed and closed by the way, with content',["<div><span>a<b>x</div>b"],(r,l)=>r.on("span",{element(e){e.remove();e.onEndTag(t=>{l(t.name);t.before("Q")})}}).on("b",{element(e){e.append("IN");e.after("AF")}})],
  ['unwrapped and closed by the way',["<div><span>a</div>b"],(r,l)=>r.on("span",{element(e){e.removeAndKeepContent()}})],
  ['renamed and closed by the way',["<div><span>a</div>b"],(r,l)=>r.on("span",{element(e){e.tagName="x"}})],
  ['order at the end tag',["<p>x</p>y"],(r,l)=>r.on("p",{element(e){e.after("1");e.onEndTag(t=>{t.after("2");t.before("3")});e.append("4")}})],
  ['content, then removal',["<p>x</p>y"],(r,l)=>r.on("p",{element(e){e.setInnerContent("new");e.remove();}})],
  ['removal, then content',["<p>x</p>y"],(r,l)=>r.on("p",{element(e){e.remove();e.prepend("A");e.append("B");e.replace("R")}})],
  ['markup that means nothing',["a</>b</ x>c"],(r,l)=>r.onDocument({text(t){l(t.text,t.lastInTextNode)},comments(c){l("c",c.text)}})],
  ['self-closing in SVG',["<svg><title><p>x</p></title><g/>t<a/></svg>"],(r,l)=>r.on("g",{element(e){e.append("A");e.after("B")}}).on("svg > a",{element(){l("a")}})],
  ['renamed without attributes',["<br/><br><div/>"],(r,l)=>r.on("*",{element(e){e.tagName="hr"}})],
  ['kinds of tokens',["<p>x</p>"],(r,l)=>r.on("p",{element(e){l(e.before("a")===e);l(typeof e.attributes.next,Object.prototype.toString.call(e))},text(t){l(Object.prototype.toString.call(t))}})],
  ['wrong arguments',["<p>x</p>"],(r,l)=>{l(r.on("p",{})===r);l(String(new HTMLRewriter));try{r.on("p");l("ok")}catch(e){l(String(e))}try{r.on("p",{element:1});l("ok")}catch(e){l(String(e))}try{HTMLRewriter();}catch(e){l(String(e))}try{r.transform("x")}catch(e){l(String(e))} l(r.transform(new Response(null)).body)}],
  ['head of the response',["<p>x</p>"],(r,l)=>{const res=r.on("p",{element(e){e.append("A")}}).transform(new Response("<p>",{status:201,statusText:"Hm",headers:{"content-length":"3",etag:"x","content-type":"text/html; charset=iso-8859-1"}}));l(res.status,res.statusText,JSON.stringify([...res.headers]))}],
  ['bytes that are not UTF-8',[new Uint8Array([60,112,62,0xe9,60,47,112,62])],(r,l)=>r.on("p",{element(e){e.append("\u20ac\u00e9")},text(t){l(t.text)}})],
  ['simple', ['<div class=a>hi<p>x</p></div>'], (r,l)=>r.on('div', {element(e){l('el',e.tagName,e.namespaceURI,JSON.stringify([...e.attributes]),e.removed,e.selfClosing,e.canHaveContent);}, text(t){l('t',t.text,t.lastInTextNode,t.removed)}})],
  ['text chunks', ['<p>he','llo</p>x'], (r,l)=>r.on('p',{text(t){l(t.text,t.lastInTextNode)}})],
  ['mutations', ['<p>one</p>'], (r,l)=>r.on('p',{element(e){e.before('<b>');e.before('b2',{html:true});e.after('a1');e.after('a2');e.prepend('p1');e.prepend('p2');e.append('q1');e.append('q2');}})],
  ['setInner', ['<p>one<b>x</b></p>z'], (r,l)=>r.on('p',{element(e){e.setInnerContent('<i>',{html:true});}}).on('b',{element(e){l('b',e.removed)}, text(t){l('bt',t.text,t.removed)}})],
  ['inner after', ['<p>one</p>z'], (r,l)=>r.on('p',{element(e){e.prepend('P');e.append('A');e.setInnerContent('I');e.prepend('P2');e.append('A2');}})],
  ['replace', ['<p>one</p>z'], (r,l)=>r.on('p',{element(e){e.before('B');e.replace('<R>');e.replace('<S>');e.after('A');l(e.removed)}})],
  ['remove', ['<p>one</p>z'], (r,l)=>r.on('p',{element(e){e.before('B');e.after('A');e.prepend('P');e.append('Q');e.remove();}})],
  ['removeKeep', ['<p>one</p>z'], (r,l)=>r.on('p',{element(e){e.before('B');e.after('A');e.prepend('P');e.append('Q');e.removeAndKeepContent();l(e.removed)}})],
  ['attrs', ['<a HREF="x&amp;y" b c=\'q"\' d=un>t</a>'], (r,l)=>r.on('a',{element(e){l(e.getAttribute('href'),e.getAttribute('b'),e.getAttribute('nope'),e.hasAttribute('B'),JSON.stringify([...e.attributes]));e.setAttribute('New','a"b<&');e.setAttribute('b','2');e.removeAttribute('d');l(e.getAttribute('new'))}})],
  ['attr same', ['<a   b = 1   c>t</a  >'], (r,l)=>r.on('a',{element(e){e.setAttribute('b','1')}})],
  ['tagname', ['<A x>t</A>'], (r,l)=>r.on('a',{element(e){e.tagName='Section';l(e.tagName)}})],
  ['unclosed', ['<div>a<p>b'], (r,l)=>r.on('div',{element(e){e.append('Q');e.after('A');e.onEndTag(t=>l('end',t.name))}}).onDocument({end(e){l('docend');e.append('<end>',{html:true});e.append('<e>')}})],
  ['implied', ['<div><span>a</div>b'], (r,l)=>r.on('div',{element(e){e.onEndTag(t=>l('div',t.name))}}).on('span',{element(e){e.append('Q');e.after('AF');e.onEndTag(t=>l('span end',t.name))}})],
  ['end tag api', ['<p>x</P >y'], (r,l)=>r.on('p',{element(e){e.onEndTag(t=>{l(t.name);t.before('B');t.after('A');t.name='q';});e.onEndTag(t=>{t.before('B2')});e.append('APP');e.after('AFT')}})],
  ['end remove', ['<p>x</p>y'], (r,l)=>r.on('p',{element(e){e.onEndTag(t=>{t.before('b');t.after('a');t.remove()})}})],
  ['void', ['<br>x<img src=1/>y<input/>'], (r,l)=>r.on('br',{element(e){e.append('A');e.prepend('P');e.setInnerContent('I');e.after('AF');e.before('BF');l(e.canHaveContent,e.selfClosing)}}).on('img',{element(e){l(e.getAttribute('src'),e.selfClosing);try{e.onEndTag(()=>{});l('ok')}catch(x){l(String(x))}}}).on('input',{element(e){l(e.selfClosing);e.setAttribute('a','b')}})],
  ['self closing nonvoid', ['<div/>x</div>y'], (r,l)=>r.on('div',{element(e){l(e.selfClosing,e.canHaveContent);e.append('A')},text(t){l(t.text)}})],
  ['comments', ['<!-- hi --><div><!--a--><!b><?pi?></x></div><!-->z<!--->w<!--a--!>v'], (r,l)=>r.on('div',{comments(c){l('c',c.text,c.removed);c.text='new'}}).onDocument({comments(c){l('d',c.text)}})],
  ['comment ops', ['<div><!--a--></div>'], (r,l)=>r.on('div',{comments(c){c.before('<b>');c.after('<a>',{html:true});c.replace('R')}})],
  ['comment bad', ['<div><!--a--></div>'], (r,l)=>r.on('div',{comments(c){try{c.text='-->'}catch(e){l(String(e))}}})],
  ['doctype', ['<!DOCTYPE html PUBLIC "a" "b"><!doctype x SYSTEM \'s\'><p>'], (r,l)=>r.onDocument({doctype(d){l(d.name,d.publicId,d.systemId)}})],
  ['doctype remove', ['<!DOCTYPE html><p>'], (r,l)=>r.onDocument({doctype(d){d.remove?.();l(typeof d.remove)}})],
  ['text replace', ['<p>one<b>two</b>three</p>'], (r,l)=>r.on('p',{text(t){if(t.text)t.replace('<'+t.text+'>');}})],
  ['text ops', ['<p>one</p>'], (r,l)=>r.on('p',{text(t){l(t.text,t.lastInTextNode);t.before('[');t.after(']');if(t.lastInTextNode)t.after('!')}})],
  ['text remove', ['<p>one</p>'], (r,l)=>r.on('p',{text(t){t.before('[');t.after(']');t.remove();l(t.removed)}})],
  ['doc text', ['a<p>b</p>c'], (r,l)=>r.onDocument({text(t){l(t.text,t.lastInTextNode)}})],
  ['entity text', ['<p>a &amp; b &lt;</p>'], (r,l)=>r.on('p',{text(t){l(t.text)}})],
  ['script', ['<script>if (a<b) "</p>" <!-- <script> </script> --></script><p>x'], (r,l)=>r.on('script',{text(t){l(t.text,t.lastInTextNode)}}).on('p',{element(e){l('p')}})],
  ['style textarea title', ['<style><p></style><textarea><p></textarea><title><p></title><noscript><p></noscript><xmp><p></xmp><iframe><p></iframe>'], (r,l)=>r.on('p',{element(e){l('P')}}).on('*',{element(e){l(e.tagName)}})],
  ['plaintext', ['<plaintext><p></plaintext>'], (r,l)=>r.on('*',{element(e){l(e.tagName)}})],
  ['svg', ['<svg viewBox=1><style><p></style><circle/><foreignObject><p>h</p></foreignObject><![CDATA[<x>]]></svg><p>'], (r,l)=>r.on('*',{element(e){l(e.tagName,e.namespaceURI,e.selfClosing,e.canHaveContent)},text(t){l('t',t.text)}})],
  ['svg breakout', ['<svg><g><p>x</p></g></svg>'], (r,l)=>r.on('*',{element(e){l(e.tagName,e.namespaceURI)}})],
  ['math', ['<math><mi><p>a</p></mi><mglyph/><annotation-xml encoding="text/html"><p></annotation-xml></math>'], (r,l)=>r.on('*',{element(e){l(e.tagName,e.namespaceURI)}})],
  ['cdata html', ['<p><![CDATA[x]]></p>'], (r,l)=>r.on('p',{comments(c){l(c.text)},text(t){l('t',t.text)}})],
  ['broken tags', ['<p <b>x</p>< p>a<3 </ >y</><a b="x'], (r,l)=>r.on('*',{element(e){l(e.tagName,JSON.stringify([...e.attributes]))},text(t){l('t',t.text)},comments(c){l('c',c.text)}})],
  ['chunk split tag', ['<di','v cl','ass="a','b">x</d','iv>y'], (r,l)=>r.on('div.ab',{element(e){l('hit');e.setAttribute('z','1')}})],
  ['utf8 split', [new Uint8Array([0x3c,0x70,0x3e,0xc3]),new Uint8Array([0xa9,0x3c,0x2f,0x70,0x3e])], (r,l)=>r.on('p',{text(t){l(t.text,t.lastInTextNode)}})],
  ['utf8 bad', [new Uint8Array([0x3c,0x70,0x3e,0xff,0x3c,0x2f,0x70,0x3e,0xff])], (r,l)=>r.on('p',{text(t){l(t.text,t.lastInTextNode)}})],
  ['nested matching', ['<div><p>a</p><span><p>b</p></span></div><p>c</p>'], (r,l)=>r.on('div > p',{text(t){l('child',t.text)}}).on('div p',{text(t){l('desc',t.text)}}).on('p',{text(t){l('p',t.text)}})],
  ['dup handlers', ['<p>x</p>'], (r,l)=>r.on('p',{element(e){l(1);e.tagName='q'}}).on('p',{element(e){l(2,e.tagName)}}).on('q',{element(){l('q')}})],
  ['order', ['<p>x</p>'], (r,l)=>r.onDocument({text(){l('doc')}}).on('p',{text(){l('sel')}})],
  ['async', ['<p>x</p>'], (r,l)=>r.on('p',{async element(e){await new Promise(f=>setTimeout(f,1));e.append('A');l('done')},async text(t){await 1;t.after('!')}})],
  ['throw', ['<p>x</p><b>y'], (r,l)=>r.on('p',{element(e){throw new Error('boom')}})],
  ['async throw', ['<p>x</p><b>y'], (r,l)=>r.on('p',{async element(e){throw new Error('boom')}})],
  ['use after', ['<p>x</p>'], (r,l)=>{let s;r.on('p',{element(e){s=e},text(t){try{s.getAttribute('x')}catch(e){l(String(e))}}})}],
  ['p in p', ['<p>a<p>b</p>c</p>d'], (r,l)=>r.on('p',{text(t){l(t.text)},element(e){l('p')}}).on('p > p',{element(){l('pp')}})],
  ['end unmatched', ['<div>a</span>b</div>'], (r,l)=>r.on('div',{text(t){l(t.text,t.lastInTextNode)}})],
  ['nth', ['<ul><li>1<li>2</ul><ul><li>1</li><b></b><li>3</li><li>4</li></ul>'], (r,l)=>r.on('li:nth-child(2)',{element(e){l('nc2')}}).on('li:nth-of-type(2n+1)',{element(e){l('ot')}}).on('li:first-child',{element(e){l('fc')}}).on('li:nth-of-type(2)',{text(t){l(t.text)}}).on('li:first-of-type',{element(){l('fot')}}).on('li:nth-child(odd)',{element(){l('odd')}})],
  ['text no handler across', ['<p>a<b>b</b>c<!--x-->d</p>'], (r,l)=>r.on('p',{text(t){l(t.text,t.lastInTextNode)}})],
  ['content escape', ['<p>x</p>'], (r,l)=>r.on('p',{element(e){e.before('<&>"\'')}})],
  ['setAttr existing quote', ['<a b=1 c="2">x</a>'], (r,l)=>r.on('a',{element(e){e.setAttribute('c','3');e.setAttribute('d','')}})],
  ['dup attrs', ['<a b=1 B=2>x</a>'], (r,l)=>r.on('a',{element(e){l(e.getAttribute('b'),JSON.stringify([...e.attributes]));e.removeAttribute('b')}})],
  ['bad attr name', ['<a>x</a>'], (r,l)=>r.on('a',{element(e){for (const n of ['','a b','a=','a>','a/','"',"'"]) try{e.setAttribute(n,'1');l('ok',n)}catch(x){l(n,String(x))}; for (const n of ['','1a','a b','a>','a/','-']) try{e.tagName=n;l('okt',n)}catch(x){l(n,String(x))}}})],
  ['stream content', ['<p>x</p>'], (r,l)=>r.on('p',{element(e){e.before(new Response('<S>').body)}})],
  ['nested setinner remove', ['<div><p>a</p><b>b</b></div>c'], (r,l)=>r.on('div',{element(e){e.remove()}}).on('p',{element(e){l('p',e.removed);e.after('AFTER');e.before('BEF')},text(t){l('t',t.text)}}).on('b',{element(e){e.onEndTag(()=>l('bend'))}})],
  ['eof in comment', ['<p><!-- abc'], (r,l)=>r.on('p',{comments(c){l('c',c.text)},text(t){l('t',t.text)}})],
  ['eof in script', ['<script>abc'], (r,l)=>r.on('script',{text(t){l('t',t.text,t.lastInTextNode)}})],
  ['eof in tag', ['<p>a<b c'], (r,l)=>r.on('*',{element(e){l(e.tagName)},text(t){l('t',t.text,t.lastInTextNode)}})],
  ['null chars', ['<p\0a>\0x</p\0a>'], (r,l)=>r.on('*',{element(e){l(JSON.stringify(e.tagName))},text(t){l(JSON.stringify(t.text))}})],
  ['crlf', ['<p\r\n a="1\r\n2">x\r\ny</p>'], (r,l)=>r.on('p',{element(e){l(JSON.stringify(e.getAttribute('a')))},text(t){l(JSON.stringify(t.text))}})],
  ['select table', ['<select><option>a<script>x<p></script></select><table><tr><td>x</td></tr></table>'], (r,l)=>r.on('*',{element(e){l(e.tagName)}})],
  ['frameset', ['<frameset><frame></frameset><template><style><b></style></template>'], (r,l)=>r.on('*',{element(e){l(e.tagName)}})],
  ['select style', ['<select><xmp><p></xmp></select><select><textarea><p></textarea></select>'], (r,l)=>r.on('*',{element(e){l(e.tagName)}})],
];

async function run([name, chunks, setUp]) {
  const seen = [];
  let output = null;
  let error = null;
  try {
    const rewriter = new HTMLRewriter();
    setUp(rewriter, (...values) => seen.push(values.map(String).join(' ')));
    const encoder = new TextEncoder();
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    const pump = async () => {
      for (const chunk of chunks) {
        await writer.write(typeof chunk === 'string' ? encoder.encode(chunk) : chunk);
      }
      await writer.close();
    };
    pump().catch(() => {});
    const headers = { 'content-type': 'text/html' };
    const response = rewriter.transform(new Response(readable, { headers }));
    const bytes = new Uint8Array(await response.arrayBuffer());
    output = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  } catch (caught) {
    error = String(caught);
  }
  return { name, output, error, seen };
}

function isUsable(selector) {
  try {
    new HTMLRewriter().on(selector, {});
    return true;
  } catch {
    return false;
  }
}

export default {
  async fetch(request) {
    if (new URL(request.url).pathname === '/selectors') {
      return Response.json(selectors.map((selector) => [selector, isUsable(selector)]));
    }
    const results = [];
    for (const each of cases) results.push(await run(each));
    return Response.json(results);
  },
};
`;
